using System.Collections.Immutable;

namespace Pipeline.Core.Management;

/// <summary>What a command did, one sentence each.</summary>
public sealed record CommandResult
{
    public required ImmutableArray<string> Done { get; init; }

    /// <summary>What it was asked to do as well, and why that was refused, one sentence each.</summary>
    public ImmutableArray<string> Refused { get; init; } = [];
}
