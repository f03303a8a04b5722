using System.Collections.Immutable;

namespace Pipeline.Engines;

/// <summary>
/// What one run gave. The spans point into the runtime's own memory: they end with <see cref="Dispose()"/>. One owner,
/// one thread at a time.
/// </summary>
public abstract class EngineOutputs : IDisposable
{
    public abstract int Count { get; }

    public abstract string Name(int index);

    public abstract ElementType ElementType(int index);

    public abstract ImmutableArray<long> Shape(int index);

    public abstract ReadOnlySpan<byte> Data(int index);

    /// <summary>The index of an output, or -1.</summary>
    public int IndexOf(string name)
    {
        for (int i = 0; i < Count; i++)
        {
            if (Name(i) == name) return i;
        }

        return -1;
    }

    /// <summary>Copies of all outputs, which outlive this object.</summary>
    public ImmutableArray<Tensor> ToTensors() =>
        [.. Enumerable.Range(0, Count).Select(i => new Tensor(Name(i), ElementType(i), Shape(i), Data(i).ToArray()))];

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }
}
