namespace Pipeline.Edge.Batching;

/// <summary>Requests in the order in which they came, linked through themselves. Its owner locks.</summary>
internal sealed class RunQueue
{
    public int Count { get; private set; }

    public RunRequest? First { get; private set; }

    private RunRequest? last;

    public void Add(RunRequest request)
    {
        (request.Previous, request.Next) = (last, null);
        if (last is null) First = request;
        else last.Next = request;
        last = request;
        Count++;
    }

    public void Remove(RunRequest request)
    {
        if (request.Previous is { } before) before.Next = request.Next;
        else First = request.Next;
        if (request.Next is { } after) after.Previous = request.Previous;
        else last = request.Previous;
        (request.Previous, request.Next) = (null, null);
        Count--;
    }
}
