namespace Pipeline.Local.Demo;

/// <summary>One answered inference.</summary>
internal sealed record InferenceAnswer
{
    public required string Version { get; init; }

    public required string EngineDigest { get; init; }

    /// <summary>Elements of the only output.</summary>
    public required float[] Output { get; init; }
}
