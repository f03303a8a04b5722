using System.Collections.Immutable;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Pipeline.Cloud;
using Pipeline.Cloud.Blobs;
using Pipeline.Cloud.Engines;
using Pipeline.Core.Builds;
using Pipeline.Engines;
using Pipeline.GpuWorker.Building;

namespace Pipeline.GpuWorker.Jobs;

/// <summary>An engine that is committed to the store, its bytes at hand.</summary>
internal sealed record ProducedEngine(EngineManifest Manifest, ReadOnlyMemory<byte> Bytes, bool Reused, ImmutableArray<string> Log);

/// <summary>Finds the engine of a request in the store, or builds and commits it. Who loses a race takes the winner's.</summary>
internal sealed class EngineProducer(
    IEngineBackend backend, WorkerMachine machine, IEngineBuilder builder, EngineStore engines, TimingCaches timings,
    IOptions<WorkerOptions> options, TimeProvider time)
{
    /// <exception cref="JobFailedException">The store's engine of this key is damaged, so that no try can end well.</exception>
    /// <exception cref="EngineException">The model does not build, or its engine does not load.</exception>
    public async Task<ProducedEngine> ProduceAsync(
        BuildRequest request, FetchedModel model, JobWorkspace workspace, StageClock clock, CancellationToken cancellationToken)
    {
        string key = EngineKeys.Of(request, model, backend, machine.Probe);
        try
        {
            if (await engines.TryReadManifestAsync(key, cancellationToken) is { } found
                && await TryReuseAsync(found, workspace, [], clock, cancellationToken) is { } reused)
                return reused;
            // Also where a manifest stands whose engine is gone: building the same bytes again brings it back.
            return await BuildAsync(key, request, model, workspace, clock, cancellationToken);
        }
        catch (CorruptedBlobException e)
        {
            throw Damaged(key, e.Message);
        }
    }

    private async Task<ProducedEngine> BuildAsync(
        string key, BuildRequest request, FetchedModel model, JobWorkspace workspace, StageClock clock,
        CancellationToken cancellationToken)
    {
        clock.Begin("build");
        FetchedTimingCache timing = await timings.FetchAsync(request.Lane, workspace.TimingCachePath, cancellationToken);
        var build = new EngineBuildOptions
        {
            ModelPath = model.ModelPath,
            EnginePath = workspace.EnginePath,
            ExternalData = [.. model.ExternalData.Keys],
            Profiles = request.Policy.Profiles,
            TimingCachePath = workspace.TimingCachePath,
            Progress = new BuildProgress(clock),
        };
        BuiltEngine built = await TimedBuild.RunAsync(builder, build, cancellationToken);
        byte[] bytes = await File.ReadAllBytesAsync(built.Path, cancellationToken);

        clock.Begin("store");
        ImmutableArray<string> log = [.. await timings.StoreAsync(timing, cancellationToken), .. built.Log];
        var manifest = new EngineManifest
        {
            EngineKey = key,
            EngineDigest = Convert.ToHexStringLower(SHA256.HashData(bytes)),
            SizeBytes = bytes.Length,
            Lane = request.Lane,
            BuiltBy = options.Value.Name,
            BuiltAt = time.GetUtcNow(),
            BuildSeconds = clock.SecondsOf("build"),
        };
        using (var stream = new MemoryStream(bytes, writable: false))
            await engines.UploadEngineAsync(key, manifest.EngineDigest, stream, cancellationToken);
        EngineManifest committed = await engines.CommitAsync(manifest, cancellationToken);
        return committed.EngineDigest == manifest.EngineDigest
            ? new ProducedEngine(committed, bytes, Reused: false, log)
            : await TryReuseAsync(committed, workspace, log, clock, cancellationToken)
                ?? throw Damaged(key, $"Engine '{committed.EngineDigest}' is committed, but gone.");
    }

    /// <summary>Null when the committed engine is gone from the store.</summary>
    private async Task<ProducedEngine?> TryReuseAsync(
        EngineManifest manifest, JobWorkspace workspace, ImmutableArray<string> log, StageClock clock,
        CancellationToken cancellationToken)
    {
        clock.Begin("fetch");
        try
        {
            await engines.DownloadAsync(
                manifest.EngineKey, manifest.EngineDigest, manifest.SizeBytes, workspace.EnginePath, cancellationToken);
        }
        catch (MissingBlobException)
        {
            return null;
        }

        byte[] bytes = await File.ReadAllBytesAsync(workspace.EnginePath, cancellationToken);
        return new ProducedEngine(manifest, bytes, Reused: true, log);
    }

    private static JobFailedException Damaged(string key, string what) => new(
        BuildFailureKind.BuildFailed,
        $"The engine store is damaged: {what} Delete the folder '{key}' in the container " +
        $"'{EntityNames.EnginesContainer}' and retry the promotion.");
}
