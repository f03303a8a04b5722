using System.Security.Cryptography;
using Pipeline.Core.Builds;
using Pipeline.Core.Json;
using Pipeline.Core.Naming;
using Pipeline.Engines.TensorRt;
using Pipeline.GpuWorker.Jobs;

namespace Pipeline.GpuWorker.Offline;

/// <summary>
/// Where a build without a cloud leaves what it made: <c>{digest}.engine</c>, <c>manifest.json</c>, which is its commit,
/// <c>report.json</c> and <c>report.txt</c>; <c>layers.json</c> where the build was asked for it.
/// </summary>
internal sealed class BuildFolder
{
    private readonly string folder;

    private BuildFolder(string folder) => this.folder = folder;

    public string TimingCachePath => Path.Combine(folder, "timing.cache");

    public string ReportPath => Path.Combine(folder, "report.json");

    public string ReportTextPath => Path.Combine(folder, "report.txt");

    private string ManifestPath => Path.Combine(folder, "manifest.json");

    /// <summary>Makes the folder, and clears the report of an earlier build, which is none of this one.</summary>
    /// <exception cref="IOException">It cannot be written; the sentence says why.</exception>
    public static BuildFolder Open(string path)
    {
        try
        {
            var opened = new BuildFolder(Directory.CreateDirectory(path).FullName);
            File.Delete(opened.ReportPath);
            File.Delete(opened.ReportTextPath);
            opened.CreateWorkspace().Dispose();
            return opened;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The folder '{path}' cannot be written; name another one with --out. {e.Message}", e);
        }
    }

    /// <summary>A folder inside for what is not finished: moving out of it is atomic.</summary>
    public JobWorkspace CreateWorkspace() => JobWorkspace.In(folder);

    public string EnginePath(string digest) => Path.Combine(folder, $"{digest}.engine");

    /// <summary>The engine that an earlier build of the same key left; null when there is none, or it is damaged.</summary>
    public async Task<ProducedEngine?> TryFindAsync(string key, CancellationToken cancellationToken)
    {
        if (!File.Exists(ManifestPath)) return null;
        byte[] json = await File.ReadAllBytesAsync(ManifestPath, cancellationToken);
        if (PipelineJson.TryRead<EngineManifest>(json, out _) is not { } manifest || manifest.EngineKey != key) return null;
        string path = Names.IsSha256(manifest.EngineDigest) ? EnginePath(manifest.EngineDigest) : "";
        if (!File.Exists(path)) return null;
        byte[] bytes = await File.ReadAllBytesAsync(path, cancellationToken);
        return Convert.ToHexStringLower(SHA256.HashData(bytes)) == manifest.EngineDigest
            ? new ProducedEngine(manifest, bytes, Reused: true, [])
            : null;
    }

    /// <summary>Moves a built engine in, with the description of its layers where there is one, and commits it.</summary>
    public async Task CommitAsync(string builtPath, EngineManifest manifest, CancellationToken cancellationToken)
    {
        string layersPath = builtPath + TensorRtBuildOptions.LayersSuffix;
        if (File.Exists(layersPath)) File.Move(layersPath, Path.Combine(folder, "layers.json"), overwrite: true);
        File.Move(builtPath, EnginePath(manifest.EngineDigest), overwrite: true);
        await File.WriteAllBytesAsync(ManifestPath, PipelineJson.Write(manifest), cancellationToken);
    }

    public async Task WriteAsync(BuildReport report, string text, CancellationToken cancellationToken)
    {
        await File.WriteAllBytesAsync(ReportPath, PipelineJson.Write(report), cancellationToken);
        await File.WriteAllTextAsync(ReportTextPath, text, cancellationToken);
    }
}
