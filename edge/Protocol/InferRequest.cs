using System.Collections.Immutable;

namespace Pipeline.Edge.Protocol;

/// <summary>The JSON of an inference request, read but not yet held against an engine.</summary>
internal sealed record InferRequest
{
    public string? Id { get; init; }

    public required List<RequestInput> Inputs { get; init; }

    /// <summary>What to answer, in this order; null asks for every output.</summary>
    public List<RequestOutput>? Outputs { get; init; }

    /// <summary>Whether outputs that do not say otherwise are sent as binary.</summary>
    public bool BinaryOutputs { get; init; }
}

/// <summary>One input tensor of a request.</summary>
internal sealed record RequestInput
{
    public required string Name { get; init; }

    public required string DataType { get; init; }

    public required ImmutableArray<long> Shape { get; init; }

    /// <summary>
    /// Where the JSON array of its elements lies in the request's JSON; null when the data is binary.
    /// </summary>
    public Range? Data { get; init; }

    /// <summary>Bytes of its part of the binary data; null when the data is JSON.</summary>
    public long? BinarySizeBytes { get; init; }
}

/// <param name="Binary">How to send it; null leaves it to the request.</param>
internal sealed record RequestOutput(string Name, bool? Binary);
