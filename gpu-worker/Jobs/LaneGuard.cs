using Microsoft.Extensions.Options;
using Pipeline.Core.Naming;
using Pipeline.Engines;

namespace Pipeline.GpuWorker.Jobs;

/// <summary>Refuses work that this machine is not for: a worker verifies that it is what its lane says.</summary>
internal sealed class LaneGuard(IEngineBackend backend, IOptions<WorkerOptions> options)
{
    private readonly BackendProbe probe = backend.Probe();

    /// <summary>Why requests of the lane are refused here, one sentence; null when they are not.</summary>
    public string? Refusal(Lane lane)
    {
        if (lane.ToString() != options.Value.Lane)
            return $"The request is for lane '{lane}', but worker '{options.Value.Name}' serves '{options.Value.Lane}'.";
        return probe.CanRun(lane)?.Reason;
    }
}
