using System.Collections.Immutable;

namespace Pipeline.Core.Management;

/// <summary>What a command did, one sentence each.</summary>
public sealed record CommandResult
{
    public required ImmutableArray<string> Done { get; init; }
}
