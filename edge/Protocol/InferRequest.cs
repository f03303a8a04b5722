namespace Pipeline.Edge.Protocol;

/// <summary>
/// The JSON of an inference request, read but not yet held against an engine. Used again for one request after another:
/// what it holds are places in the JSON, and arrays that stay.
/// </summary>
internal sealed class InferRequest
{
    private RequestInput[] inputs = new RequestInput[2];
    private RequestOutput[] outputs = new RequestOutput[2];

    public JsonText Id { get; set; } = JsonText.None;

    public int InputCount { get; private set; }

    public Span<RequestInput> Inputs => inputs.AsSpan(0, InputCount);

    public int OutputCount { get; private set; }

    /// <summary>What to answer, in this order; none asks for every output.</summary>
    public Span<RequestOutput> Outputs => outputs.AsSpan(0, OutputCount);

    /// <summary>Whether outputs that do not say otherwise are sent as binary.</summary>
    public bool BinaryOutputs { get; set; }

    public void Clear() => (Id, InputCount, OutputCount, BinaryOutputs) = (JsonText.None, 0, 0, false);

    public ref RequestInput AddInput()
    {
        if (InputCount == inputs.Length) Array.Resize(ref inputs, 2 * InputCount);
        ref RequestInput added = ref inputs[InputCount++];
        added.Clear();
        return ref added;
    }

    public ref RequestOutput AddOutput()
    {
        if (OutputCount == outputs.Length) Array.Resize(ref outputs, 2 * OutputCount);
        ref RequestOutput added = ref outputs[OutputCount++];
        added = new RequestOutput { Name = JsonText.None };
        return ref added;
    }
}

/// <summary>One input tensor of a request.</summary>
internal struct RequestInput
{
    public const int RankMaximum = 16;

    private long[] shape;

    public JsonText Name;
    public JsonText DataType;

    /// <summary>-1 when no shape was given.</summary>
    public int Rank;

    /// <summary>Where the JSON array of its elements lies; its length is -1 when the data is binary.</summary>
    public int DataStart;
    public int DataLength;

    /// <summary>Bytes of its part of the binary data; -1 when the data is JSON.</summary>
    public long BinarySizeBytes;

    /// <summary>Its place among the engine's inputs, once that is known.</summary>
    public int EngineIndex;

    public readonly ReadOnlySpan<long> Shape => shape.AsSpan(0, Rank);

    /// <summary>Room for a shape of any rank that is taken.</summary>
    public Span<long> ShapeRoom => shape ??= new long[RankMaximum];

    public void Clear() =>
        (Name, DataType, Rank, DataLength, BinarySizeBytes, EngineIndex) = (JsonText.None, JsonText.None, -1, -1, -1, -1);
}

/// <summary>One output that a request asks for.</summary>
internal struct RequestOutput
{
    public JsonText Name;

    /// <summary>How to send it; null leaves it to the request.</summary>
    public bool? Binary;
}
