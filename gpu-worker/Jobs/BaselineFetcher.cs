using Pipeline.Cloud.Blobs;
using Pipeline.Cloud.Engines;
using Pipeline.Core.Builds;
using Pipeline.Core.Gates;

namespace Pipeline.GpuWorker.Jobs;

/// <summary>
/// Brings the engine that serves onto this machine, every byte checked. That it cannot be had is no failure of the new
/// engine: it becomes the comparison's reason, and the gate's.
/// </summary>
internal sealed class BaselineFetcher(EngineStore engines)
{
    /// <summary>Null when nothing serves, or the policy compares nothing.</summary>
    public async Task<FetchedBaseline?> FetchAsync(
        BuildRequest request, EngineManifest engine, JobWorkspace workspace, StageClock clock, CancellationToken cancellationToken)
    {
        if (request.Baseline is not { } baseline || request.Policy.Benchmark.Regression is null) return null;
        var fetched = new FetchedBaseline(baseline);
        if (baseline.EngineDigest == engine.EngineDigest) return fetched;
        FetchedBaseline Fault(BaselineFault fault, string message) => fetched with { Fault = fault, Message = message };

        // The file's bytes and the loaded engine are in memory at once; beyond the limit of a container it would be killed.
        long free = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes - Environment.WorkingSet;
        if (baseline.SizeBytes > free / 2)
            return Fault(BaselineFault.OutOfMemory, TooLarge(baseline, $"of which this worker has {free >> 20} MiB left"));
        clock.Begin("fetch");
        try
        {
            await engines.DownloadAsync(
                baseline.EngineKey, baseline.EngineDigest, baseline.SizeBytes, workspace.BaselinePath, cancellationToken);
            return fetched with { Bytes = await File.ReadAllBytesAsync(workspace.BaselinePath, cancellationToken) };
        }
        catch (MissingBlobException)
        {
            return Fault(BaselineFault.Gone, $"engine '{baseline.EngineDigest}' is not in the store any more.");
        }
        catch (CorruptedBlobException e)
        {
            return Fault(BaselineFault.Damaged, e.Message);
        }
        catch (OutOfMemoryException)
        {
            return Fault(BaselineFault.OutOfMemory, TooLarge(baseline, "which was refused"));
        }
    }

    private static string TooLarge(BaselineEngine baseline, string what) =>
        $"it has {baseline.SizeBytes >> 20} MiB and must be in memory beside the new engine, {what}; give the worker more.";
}
