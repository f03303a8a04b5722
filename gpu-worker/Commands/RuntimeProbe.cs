using System.Collections.Immutable;
using Pipeline.Engines;

namespace Pipeline.GpuWorker.Commands;

/// <summary>What one runtime can do on this machine, as it is printed and read.</summary>
internal sealed record RuntimeProbe
{
    /// <summary>What <c>--runtime</c> takes for it, such as <c>cuda</c>.</summary>
    public required string Name { get; init; }

    /// <summary>With its exact version; null when its library is not there.</summary>
    public string? Runtime { get; init; }

    public string? Library { get; init; }

    public ImmutableArray<string> Targets { get; init; } = [];

    public string? Driver { get; init; }

    public string? Cuda { get; init; }

    public bool Simulated { get; init; }

    /// <summary>Why it does not work here, one sentence; null when it does.</summary>
    public string? Problem { get; init; }

    public static RuntimeProbe Of(string name, BackendProbe probe) => new()
    {
        Name = name,
        Runtime = probe.Runtime,
        Library = probe.LibraryPath,
        Targets = probe.Targets,
        Driver = probe.Driver,
        Cuda = probe.CudaRuntime,
        Simulated = probe.IsSimulated,
        Problem = probe.Problem?.Message,
    };
}
