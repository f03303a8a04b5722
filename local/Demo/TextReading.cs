namespace Pipeline.Local.Demo;

/// <summary>What an edge answered to one picture, and with what.</summary>
internal sealed record TextReading
{
    public required string Text { get; init; }

    public required string Version { get; init; }

    public required string EngineDigest { get; init; }
}
