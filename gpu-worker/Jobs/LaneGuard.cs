using Microsoft.Extensions.Options;
using Pipeline.Core.Naming;
using Pipeline.Engines;

namespace Pipeline.GpuWorker.Jobs;

/// <summary>
/// Refuses work that this machine is not for, before anything is fetched: a worker verifies that it is what its lane says.
/// </summary>
internal sealed class LaneGuard(WorkerMachine machine, IOptions<WorkerOptions> options)
{
    private const string TensorRtPrefix = "trt-";

    /// <summary>Why requests of the lane are refused here, in sentences; null when they are not.</summary>
    public string? Refusal(Lane lane)
    {
        if (lane.ToString() != options.Value.Lane)
            return $"The request is for lane '{lane}', but worker '{options.Value.Name}' serves '{options.Value.Lane}'.";
        return machine.Probe.CanRun(lane) is { } refusal ? Reason(lane, refusal) + Here() : null;
    }

    // Names the piece that is missing or another: the library, the driver or CUDA, TensorRT's version, the GPU.
    private string Reason(Lane lane, LaneRefusal refusal) => refusal.Kind switch
    {
        LaneRefusalKind.BackendMissing => $"Lane '{lane}' has no runtime here: {refusal.Reason}",
        LaneRefusalKind.OtherRuntime when TensorRtVersion(lane.Runtime) is { } needed
            && TensorRtVersion(machine.Probe.Runtime) is { } here => $"Lane '{lane}' needs TensorRT {needed}; here is TensorRT {here}.",
        _ => refusal.Reason,
    };

    private string Here()
    {
        string[] parts =
        [
            machine.Gpu is { } gpu ? $"GPU '{gpu}'" : "",
            machine.Probe.Driver is { } driver ? $"driver {driver}" : "",
            machine.Probe.CudaRuntime is { } cuda ? $"CUDA {cuda}" : "",
        ];
        string known = string.Join(", ", parts.Where(p => p.Length > 0));
        return known.Length == 0 ? "" : $" Here: {known}.";
    }

    private static string? TensorRtVersion(string? runtime) =>
        runtime?.StartsWith(TensorRtPrefix, StringComparison.Ordinal) == true ? runtime[TensorRtPrefix.Length..] : null;
}
