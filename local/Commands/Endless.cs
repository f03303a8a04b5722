namespace Pipeline.Local.Commands;

/// <summary>Waiting to be stopped.</summary>
internal static class Endless
{
    /// <summary>Ends without an exception once the command is told to stop.</summary>
    public static async Task WaitAsync(CancellationToken cancellationToken)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = cancellationToken.Register(
            () => stopped.TrySetResult());
        await stopped.Task;
    }
}
