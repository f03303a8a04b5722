using Pipeline.Core.Naming;

namespace Pipeline.Local.Environments;

/// <summary>A lane whose hardware is a double, and who serves it.</summary>
public sealed record SimulatedGpu
{
    public required Lane Lane { get; init; }

    /// <summary>Name of the worker's process.</summary>
    public required string Worker { get; init; }

    /// <summary>Name of the edge's process, and in the fleet.</summary>
    public required string Edge { get; init; }

    /// <summary>Base address of the edge.</summary>
    public required Uri EdgeAddress { get; init; }
}
