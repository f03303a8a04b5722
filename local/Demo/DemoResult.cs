using System.Collections.Immutable;

namespace Pipeline.Local.Demo;

/// <summary>What the demo measured: its last line with --json. Names are frozen.</summary>
public sealed record DemoResult
{
    /// <summary>The text that the engine read from the picture.</summary>
    public required string TextRead { get; init; }

    /// <summary>Model, version and engine digest that read it.</summary>
    public required string ServedBy { get; init; }

    /// <summary>From the upload of version 1 until the route names its engine.</summary>
    public required double UploadToLiveSeconds { get; init; }

    public required double BuildSeconds { get; init; }

    public required double BenchmarkSeconds { get; init; }

    /// <summary>Requests that flowed through canary, promotion and rollback.</summary>
    public required long RequestsSent { get; init; }

    public required long RequestsFailed { get; init; }

    public required ImmutableArray<WeightShare> CandidateShareSeen { get; init; }

    /// <summary>The version that serves after the rollback.</summary>
    public required string RolledBackTo { get; init; }
}
