using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using Pipeline.Engines;
using Pipeline.Engines.Cuda;

namespace Pipeline.GpuWorker.Jobs;

/// <summary>What this machine is for a worker's lane, looked at once.</summary>
/// <param name="Probe">What the backend says.</param>
/// <param name="Gpu">Name of the GPU that engines use; null where they use none.</param>
internal sealed record WorkerMachine(BackendProbe Probe, string? Gpu)
{
    private const string Simulated =
        "SIMULATED: a double stands in for the GPU and its libraries; no number here is one of hardware.";

    public static WorkerMachine Look(IEngineBackend backend, int device)
    {
        BackendProbe probe = backend.Probe();
        string? gpu = probe.CudaRuntime is null && probe.Driver is null
            ? null
            : CudaDevices.Find().Devices.FirstOrDefault(d => d.Ordinal == device)?.Name;
        return new WorkerMachine(probe, gpu);
    }

    /// <summary>What reports say of the worker.</summary>
    public ImmutableSortedDictionary<string, string> Facts(string name)
    {
        var facts = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        facts["name"] = name;
        facts["host"] = Environment.MachineName;
        facts["processors"] = Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture);
        facts["os"] = RuntimeInformation.OSDescription;
        if (Probe.Driver is { } driver) facts["driver"] = driver;
        if (Probe.CudaRuntime is { } cuda) facts["cuda"] = cuda;
        if (Gpu is { } gpu) facts["gpu"] = gpu;
        if (Probe.IsSimulated) facts["simulated"] = Simulated;
        return facts.ToImmutable();
    }
}
