using System.Collections.Immutable;
using Pipeline.Core.Naming;

namespace Pipeline.Functions;

/// <summary>The lanes of this environment: deployment configuration, since a worker scaled to zero cannot register itself.</summary>
public sealed class DeployedLanes(IEnumerable<Lane> lanes)
{
    public ImmutableArray<Lane> All { get; } = [.. lanes.Distinct().Order()];

    public IEnumerable<string> Targets => All.Select(l => l.Target).Distinct();
}
