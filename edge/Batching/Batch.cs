namespace Pipeline.Edge.Batching;

/// <summary>The requests that one lane runs together, used again for every run. The scheduler's lock guards it until the run.</summary>
internal sealed class Batch
{
    /// <summary>Inputs of one run; above it a batch gains nothing and its copy only costs memory.</summary>
    private const long BytesMaximum = 256L << 20;

    private RunRequest[] requests = new RunRequest[8];
    private long bytes;

    public ReadOnlySpan<RunRequest> Requests => requests.AsSpan(0, Count);

    public int Count { get; private set; }

    /// <summary>Rows of the run; 0 for one request whose rows are not known to be items.</summary>
    public int Items { get; private set; }

    public RunRequest First => requests[0];

    /// <summary>Whether nothing more can join.</summary>
    public bool IsFull => Items == 0 || Items >= First.ItemsMaximum;

    /// <summary>The soonest deadline in it.</summary>
    public long Deadline { get; private set; }

    /// <summary>Whether inputs of so many bytes are not too many for one run.</summary>
    public static bool Holds(long inputBytes) => inputBytes is >= 0 and <= BytesMaximum;

    public void Open(RunRequest first, long now)
    {
        (Count, Items, bytes, Deadline) = (0, 0, 0, long.MaxValue);
        Add(first, now);
    }

    /// <summary>Takes a request that is of the first one's shape class and still fits.</summary>
    public bool TryAdd(RunRequest request, long now)
    {
        if (IsFull || request.Items == 0 || Items + request.Items > First.ItemsMaximum) return false;
        if (!Holds(bytes + BytesOf(request)) || !BatchPlan.AreOfOneClass(First, request)) return false;
        Add(request, now);
        return true;
    }

    public void Clear()
    {
        requests.AsSpan(0, Count).Clear();
        Count = 0;
    }

    private void Add(RunRequest request, long now)
    {
        if (Count == requests.Length) Array.Resize(ref requests, 2 * Count);
        requests[Count++] = request;
        Items += request.Items;
        bytes += BytesOf(request);
        Deadline = Math.Min(Deadline, request.Deadline);
        request.TakenAt = now;
    }

    private static long BytesOf(RunRequest request)
    {
        long sum = 0;
        foreach (ref RunTensor input in request.Padded) sum += input.SizeBytes;
        return sum;
    }
}
