using System.Security.Cryptography;
using Pipeline.Core.Builds;
using Pipeline.Core.Gates;
using Pipeline.Core.Policies;
using Pipeline.Engines;
using Pipeline.GpuWorker.Building;
using Pipeline.GpuWorker.Jobs;

namespace Pipeline.GpuWorker.Offline;

/// <summary>All that a build message makes a worker do, on files of this machine and into a folder.</summary>
internal sealed class OfflineBuild(
    IEngineBackend backend, WorkerMachine machine, IEngineBuilder builder, BuildFolder folder, TimeProvider time)
{
    // Who builds here is nobody's worker.
    private const string WorkerName = "local";

    /// <param name="rebuild">Builds also where the folder holds an engine of the same key.</param>
    /// <exception cref="EngineException">The model does not build, load or run.</exception>
    /// <exception cref="JobFailedException">Golden inputs are missing or do not fit.</exception>
    public async Task<OfflineResult> RunAsync(
        OfflineRequest input, bool rebuild, StageClock clock, CancellationToken cancellationToken)
    {
        PromotionPolicy policy = input.Request.Policy;
        string key = EngineKeys.Of(input.Request, input.Model, backend, machine.Probe);
        ProducedEngine engine = (rebuild ? null : await folder.TryFindAsync(key, cancellationToken))
            ?? await BuildAsync(key, input, clock, cancellationToken);
        Measurements measured = await Task.Run(
            () => new EngineMeasurer(backend).Measure(engine.Bytes, baseline: null, input.Model, policy, clock, cancellationToken),
            cancellationToken);
        BuildReport report = BuildReports.Of(
            input.Request, engine, measured, clock.Finished, machine.Facts(WorkerName), time.GetUtcNow());
        var result = new OfflineResult
        {
            Engine = folder.EnginePath(engine.Manifest.EngineDigest),
            EngineDigest = engine.Manifest.EngineDigest,
            Report = report,
            Decisions =
            [
                AccuracyGate.Judge(measured.Accuracy, policy.Accuracy),
                BenchmarkGate.Judge(measured.Benchmark, policy.Benchmark),
            ],
        };
        await folder.WriteAsync(report, ReportText.Write(result), cancellationToken);
        return result;
    }

    private async Task<ProducedEngine> BuildAsync(
        string key, OfflineRequest input, StageClock clock, CancellationToken cancellationToken)
    {
        clock.Begin("build");
        using JobWorkspace workspace = folder.CreateWorkspace();
        var options = new EngineBuildOptions
        {
            ModelPath = input.Model.ModelPath,
            EnginePath = workspace.EnginePath,
            ExternalData = [.. input.Model.ExternalData.Keys],
            Profiles = input.Request.Policy.Profiles,
            TimingCachePath = folder.TimingCachePath,
            Progress = new BuildProgress(clock),
        };
        BuiltEngine built = await TimedBuild.RunAsync(builder, options, cancellationToken);
        byte[] bytes = await File.ReadAllBytesAsync(built.Path, cancellationToken);
        clock.End();
        var manifest = new EngineManifest
        {
            EngineKey = key,
            EngineDigest = Convert.ToHexStringLower(SHA256.HashData(bytes)),
            SizeBytes = bytes.Length,
            Lane = input.Request.Lane,
            BuiltBy = WorkerName,
            BuiltAt = time.GetUtcNow(),
            BuildSeconds = clock.SecondsOf("build"),
        };
        await folder.CommitAsync(built.Path, manifest, cancellationToken);
        return new ProducedEngine(manifest, bytes, Reused: false, built.Log);
    }
}
