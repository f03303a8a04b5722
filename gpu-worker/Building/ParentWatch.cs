namespace Pipeline.GpuWorker.Building;

/// <summary>
/// Waits for the parent to close standard input, which it does to stop a build and when it dies. A build that does not stop
/// then is ended by force: nobody is there any more to do it.
/// </summary>
/// <remarks>
/// Not prctl(PR_SET_PDEATHSIG): that signal comes when the parent's thread ends that started the child, and the threads of a
/// pool end when they please.
/// </remarks>
internal sealed class ParentWatch : IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly ManualResetEventSlim done = new();
    private readonly Stream input;
    private readonly TimeSpan patience;
    private readonly Action end;

    /// <param name="input">Standard input, after the order.</param>
    /// <param name="patience">How long a build may take to stop.</param>
    /// <param name="end">Ends this process at once.</param>
    public ParentWatch(Stream input, TimeSpan patience, Action end)
    {
        (this.input, this.patience, this.end) = (input, patience, end);
        // A thread of its own: native code may hold all of the pool's.
        new Thread(Watch) { IsBackground = true, Name = "parent watch" }.Start();
    }

    /// <summary>Cancelled when the parent wants the build to stop, or is gone.</summary>
    public CancellationToken Stop => stop.Token;

    /// <summary>The build is over; nothing is ended by force any more.</summary>
    public void Dispose() => done.Set();

    private void Watch()
    {
        byte[] rest = new byte[256];
        try
        {
            while (input.Read(rest) > 0)
            {
                // The order is one line; what follows says nothing.
            }
        }
        catch (IOException)
        {
            // As good as closed.
        }

        stop.Cancel();
        if (!done.Wait(patience)) end();
    }
}
