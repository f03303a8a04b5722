using Pipeline.Testing;

namespace Pipeline.Stories.Tests;

/// <summary>Waits for what the pipeline will do by itself, with a story's patience.</summary>
internal static class Until
{
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(90);

    public static Task TrueAsync(string what, Func<Task<bool>> condition) =>
        Eventually.Async(_ => condition(), what, TestContext.Current.CancellationToken, Patience);

    public static Task<T> FoundAsync<T>(string what, Func<Task<T?>> find)
        where T : class =>
        Eventually.Async(_ => find(), what, TestContext.Current.CancellationToken, Patience);
}
