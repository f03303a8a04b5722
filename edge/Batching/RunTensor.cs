namespace Pipeline.Edge.Batching;

/// <summary>One input or output of a run. The arrays stay with their request and are used again.</summary>
internal struct RunTensor
{
    private long[] shape;

    /// <summary>Where the elements start, in the request's memory.</summary>
    public nint Data;

    public int SizeBytes;

    public int Rank;

    public readonly ReadOnlySpan<long> Shape => shape.AsSpan(0, Rank);

    /// <summary>Takes the dimensions over.</summary>
    public void SetShape(ReadOnlySpan<long> dimensions)
    {
        if (shape is null || shape.Length < dimensions.Length) shape = new long[Math.Max(8, dimensions.Length)];
        dimensions.CopyTo(shape);
        Rank = dimensions.Length;
    }

    public readonly void SetDimension(int axis, long size) => shape[axis] = size;
}
