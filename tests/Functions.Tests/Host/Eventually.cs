using System.Diagnostics;

namespace Pipeline.Functions.Tests.Host;

/// <summary>Waits for a condition that another thread makes true.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    public static async Task HoldsAsync(Func<bool> condition, string what)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            if (watch.Elapsed > Deadline) throw new TimeoutException($"Waited {Deadline} and yet not: {what}.");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }
}
