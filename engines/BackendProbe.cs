using System.Collections.Immutable;
using Pipeline.Core.Naming;

namespace Pipeline.Engines;

/// <summary>What a backend can do on this machine.</summary>
public sealed record BackendProbe
{
    /// <summary>
    /// Runtime name as lanes write it, such as <c>ort-1.29.0-cpu</c>; null when the library is not there.
    /// </summary>
    public required string? Runtime { get; init; }

    public required string? LibraryPath { get; init; }

    /// <summary>Execution providers that the library names.</summary>
    public required ImmutableArray<string> Providers { get; init; }

    /// <summary>
    /// Targets that this machine runs, the closest first; empty when the configured provider has none here.
    /// </summary>
    public required ImmutableArray<string> Targets { get; init; }

    /// <summary>Version of the GPU's driver; null where engines need none. Not part of a lane: a minimum.</summary>
    public string? Driver { get; init; }

    /// <summary>Version of the CUDA runtime, such as <c>13.0</c>; null where engines need none. Part of engine keys.</summary>
    public string? CudaRuntime { get; init; }

    /// <summary>Whether a double stands in for the hardware or the runtime; its lanes end in <c>-simulated</c>.</summary>
    public bool IsSimulated { get; init; }

    /// <summary>Why nothing runs here; null when all is well.</summary>
    public required EngineException? Problem { get; init; }

    /// <summary>Null when engines of the lane run here, otherwise why not.</summary>
    public LaneRefusal? CanRun(Lane lane)
    {
        if (Problem is not null) return new(LaneRefusalKind.BackendMissing, Problem.Message);
        if (lane.Runtime != Runtime)
        {
            return new(
                LaneRefusalKind.OtherRuntime,
                $"Lane '{lane}' needs runtime '{lane.Runtime}'; here is '{Runtime}'.");
        }

        if (Targets.Contains(lane.Target)) return null;
        string here = Targets.IsEmpty ? "none" : $"'{string.Join("', '", Targets)}'";
        return new(
            LaneRefusalKind.OtherTarget,
            $"Lane '{lane}' needs target '{lane.Target}'; this machine runs {here}.");
    }
}
