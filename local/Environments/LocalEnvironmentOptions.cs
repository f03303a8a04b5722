using System.Collections.Immutable;
using Pipeline.Core.Naming;

namespace Pipeline.Local.Environments;

/// <summary>What a local environment consists of.</summary>
public sealed record LocalEnvironmentOptions
{
    /// <summary>Everything that outlives the environment: storage, messages, keys, caches, logs.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Edges beside those of <see cref="SimulatedGpus"/>.</summary>
    public int Edges { get; init; } = 1;

    /// <summary>Workers beside those of <see cref="SimulatedGpus"/>; they take <see cref="Lanes"/> in turn.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Lanes to deploy; empty: the one of this machine's processor.</summary>
    public ImmutableArray<Lane> Lanes { get; init; } = [];

    /// <summary>
    /// GPU targets to deploy a lane for whose hardware is a double, each with a worker and an edge of its own, named
    /// <c>worker-simulated-sm_75</c> and <c>edge-simulated-sm_75</c>.
    /// </summary>
    public ImmutableArray<string> SimulatedGpus { get; init; } = [];

    /// <summary>
    /// Lock of every queue and subscription. Azure's queues have 5 minutes; here a killed worker heals sooner.
    /// </summary>
    public TimeSpan LockDuration { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a MessageId is remembered. Shorter than the functions' ResendAfter, or a request that is sent again
    /// would be taken for a duplicate and dropped.
    /// </summary>
    public TimeSpan DuplicateWindow { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// More settings for a process, by its name (<c>worker-2</c>) or its kind (<c>worker</c>), such as
    /// <c>Edge__ExecutionLanes</c>. The name wins over the kind, and both over what the environment sets itself.
    /// </summary>
    public ImmutableDictionary<string, ImmutableDictionary<string, string>> Settings { get; init; } =
        ImmutableDictionary<string, ImmutableDictionary<string, string>>.Empty;

    /// <summary>Whether workers, edges and the others are started again after a crash.</summary>
    public bool RestartsAfterCrash { get; init; } = true;
}
