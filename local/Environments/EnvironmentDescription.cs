using System.Collections.Immutable;
using Pipeline.Core.Naming;

namespace Pipeline.Local.Environments;

/// <summary>Where a running environment is: the content of environment.json, which the other commands read.</summary>
public sealed record EnvironmentDescription
{
    public required string DataDirectory { get; init; }

    /// <summary>The process that runs the environment.</summary>
    public required int ProcessId { get; init; }

    /// <summary>When that process started, so that another one that got its id later is not taken for it.</summary>
    public required DateTimeOffset ProcessStartedAt { get; init; }

    /// <summary>Connection string of the local storage account.</summary>
    public required string Storage { get; init; }

    /// <summary>Connection string of the local Service Bus.</summary>
    public required string ServiceBus { get; init; }

    /// <summary>Base address of the functions; the management API is under <c>api/</c>.</summary>
    public required Uri Functions { get; init; }

    /// <summary>Base address of each edge, those of <see cref="SimulatedGpus"/> last.</summary>
    public required ImmutableArray<Uri> Edges { get; init; }

    public required ImmutableArray<Lane> Lanes { get; init; }

    /// <summary>The lanes among them whose hardware is a double.</summary>
    public ImmutableArray<SimulatedGpu> SimulatedGpus { get; init; } = [];

    /// <summary>Process id by name, as of the start.</summary>
    public required ImmutableSortedDictionary<string, int> Processes { get; init; }
}
