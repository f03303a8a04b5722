using Microsoft.Extensions.Logging;

namespace Pipeline.Functions;

/// <summary>Keeps what goes wrong with one thing from the others of the same tick; the next tick tries again.</summary>
internal static partial class Guard
{
    public static async Task RunAsync(ILogger logger, string what, Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Failed(logger, e, what);
        }
    }

    [LoggerMessage(LogLevel.Error, "The {What} could not be dealt with; the next tick tries again.")]
    private static partial void Failed(ILogger logger, Exception exception, string what);
}
