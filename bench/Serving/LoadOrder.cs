namespace Pipeline.Bench.Serving;

/// <summary>One turn of load: so many clients, each sending its next request when the last one is answered.</summary>
internal sealed record LoadOrder
{
    public required Uri Server { get; init; }

    public required string Model { get; init; }

    public required string BodyPath { get; init; }

    public required int JsonLength { get; init; }

    public required int Clients { get; init; }

    /// <summary>Before the counting begins, so that every client is in its stride.</summary>
    public required double RampSeconds { get; init; }

    public required double Seconds { get; init; }
}
