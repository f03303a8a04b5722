namespace Pipeline.Edge.Serving;

/// <summary>
/// The calls that no request uses now, with the memory that they keep. There are as many as ever were in flight; what they
/// keep together is bounded, and the rest goes back at once.
/// </summary>
internal sealed class InferCallPool(InferServices services) : IDisposable
{
    private readonly Lock sync = new();
    private readonly Stack<InferCall> calls = new();
    private readonly long retainedBytesMaximum = services.Options.MaximumBufferedBytes / 8;
    private long retainedBytes;
    private bool isDisposed;

    public InferCall Rent()
    {
        lock (sync)
        {
            if (calls.TryPop(out InferCall? call))
            {
                retainedBytes -= call.RetainedBytes;
                return call;
            }
        }

        return new InferCall(services, this);
    }

    public void Return(InferCall call)
    {
        long bytes = call.RetainedBytes;
        lock (sync)
        {
            if (!isDisposed)
            {
                if (retainedBytes + bytes > retainedBytesMaximum) call.Trim();
                retainedBytes += call.RetainedBytes;
                calls.Push(call);
                return;
            }
        }

        call.Dispose();
    }

    public void Dispose()
    {
        lock (sync)
        {
            isDisposed = true;
            while (calls.TryPop(out InferCall? call)) call.Dispose();
        }
    }
}
