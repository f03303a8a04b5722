using System.Collections.Immutable;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Pipeline.Cloud;
using Pipeline.Cloud.Blobs;
using Pipeline.Cloud.Engines;
using Pipeline.Core.Builds;
using Pipeline.Engines;

namespace Pipeline.GpuWorker.Jobs;

/// <summary>An engine that is committed to the store, its bytes at hand.</summary>
internal sealed record ProducedEngine(EngineManifest Manifest, ReadOnlyMemory<byte> Bytes, bool Reused, ImmutableArray<string> Log);

/// <summary>Finds the engine of a request in the store, or builds and commits it. Who loses a race takes the winner's.</summary>
internal sealed class EngineProducer(
    IEngineBackend backend, EngineStore engines, IOptions<WorkerOptions> options, TimeProvider time)
{
    /// <exception cref="JobFailedException">The store's engine of this key is damaged, so that no try can end well.</exception>
    /// <exception cref="EngineException">The model does not build, or its engine does not load.</exception>
    public async Task<ProducedEngine> ProduceAsync(
        BuildRequest request, FetchedModel model, JobWorkspace workspace, StageClock clock, CancellationToken cancellationToken)
    {
        string key = EngineKey.Compute(InputsOf(request, model));
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
        var build = new EngineBuildOptions
        {
            ModelPath = model.ModelPath,
            EnginePath = workspace.EnginePath,
            ExternalData = [.. model.ExternalData.Keys],
            Progress = new Relay(clock),
        };
        BuiltEngine built = await Task.Run(() => backend.Build(build, cancellationToken), cancellationToken);
        // A build that does not load from its bytes must not be committed under the key for everybody.
        byte[] bytes = await File.ReadAllBytesAsync(built.Path, cancellationToken);
        (await Task.Run(() => backend.Load(bytes, cancellationToken), cancellationToken)).Dispose();

        clock.Begin("store");
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
            ? new ProducedEngine(committed, bytes, Reused: false, built.Log)
            : await TryReuseAsync(committed, workspace, built.Log, clock, cancellationToken)
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

    private static EngineKeyInputs InputsOf(BuildRequest request, FetchedModel model) => new()
    {
        SourceSha256 = request.Source.Sha256,
        ExternalData = model.ExternalData,
        Lane = request.Lane,
        Precision = request.Policy.Precision,
        Profiles = request.Policy.Profiles,
        Options = ImmutableSortedDictionary<string, string>.Empty.Add("graphOptimization", "extended"),
    };

    private sealed class Relay(StageClock clock) : IProgress<EngineBuildProgress>
    {
        public void Report(EngineBuildProgress value) => clock.Report(value.Fraction);
    }
}
