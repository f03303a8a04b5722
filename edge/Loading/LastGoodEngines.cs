using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Pipeline.Core.Json;
using Pipeline.Core.Naming;
using Pipeline.Core.Routing;

namespace Pipeline.Edge.Loading;

/// <summary>
/// Which version each model last served with, on which of the followed targets' lanes, on disk: when the newest routes name
/// one that will not load after a restart, this one goes on. Each comes with its signed statement, which whoever serves it
/// verifies again; a
/// file is a digest of its own content and the content. Used by the applier's loop only, but for
/// <see cref="Digests"/>.
/// </summary>
internal sealed partial class LastGoodEngines
{
    private const string Extension = ".json";
    private const int SizeBytesMaximum = 1 << 20;
    private const int DigestLength = 64;

    private readonly string root;
    private readonly IReadOnlyList<string> targets;
    private readonly string runtime;
    private readonly ILogger<LastGoodEngines> logger;
    private ImmutableSortedDictionary<string, GoodVersion> known =
        ImmutableSortedDictionary<string, GoodVersion>.Empty.WithComparers(StringComparer.Ordinal);

    public LastGoodEngines(EdgeOptions options, ILogger<LastGoodEngines> logger)
    {
        this.logger = logger;
        (runtime, targets) = (options.Runtime, options.Followed);
        root = Path.Combine(options.CacheDirectory, "last-good");
        // A process that ended between a note and the removal of the older one left both: the narrower lane's counts.
        foreach (string target in targets.Reverse())
        {
            try
            {
                if (Directory.Exists(FolderOf(target))) ReadAll(target);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Log.Unreadable(logger, FolderOf(target), e.Message);
            }
        }
    }

    /// <summary>The engines' digests; their files are worth keeping.</summary>
    public IEnumerable<string> Digests => known.Values.Select(v => v.Version.Engines[runtime].EngineDigest);

    public GoodVersion? Find(string model) => known.GetValueOrDefault(model);

    /// <summary>Remembers what serves now; writes only when that is something new.</summary>
    public void Keep(GoodVersion good)
    {
        if (!good.Version.Engines.TryGetValue(runtime, out RoutedEngine? engine)) return;
        (string model, string target, RoutedVersion version) = good;
        RoutedVersion kept = version with
        {
            Engines = ImmutableSortedDictionary<string, RoutedEngine>.Empty.Add(runtime, engine),
        };
        byte[] content = PipelineJson.Write(kept);
        if (known.TryGetValue(model, out GoodVersion? before) && before.Target == target
            && content.AsSpan().SequenceEqual(PipelineJson.Write(before.Version))) return;
        string part = Path.Combine(FolderOf(target), $"{model}.{Guid.NewGuid():N}.part");
        try
        {
            Directory.CreateDirectory(FolderOf(target));
            File.WriteAllBytes(part, [.. Encoding.ASCII.GetBytes(DigestOf(content)), .. content]);
            File.Move(part, PathOf(target, model), overwrite: true);
            if (before is not null && before.Target != target) TryDelete(PathOf(before.Target, model));
            known = known.SetItem(model, good with { Version = kept });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.Unwritten(logger, model, e.Message);
            TryDelete(part);
        }
    }

    /// <summary>Forgets every model that is not routed any more.</summary>
    public void Forget(IReadOnlySet<string> routed)
    {
        foreach (string model in known.Keys.Where(m => !routed.Contains(m)))
        {
            if (targets.All(t => TryDelete(PathOf(t, model)))) known = known.Remove(model);
        }
    }

    private static string DigestOf(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private string FolderOf(string target) => Path.Combine(root, target, runtime);

    private string PathOf(string target, string model) => Path.Combine(FolderOf(target), model + Extension);

    private void ReadAll(string target)
    {
        string folder = FolderOf(target);
        foreach (string part in Directory.GetFiles(folder, "*.part")) TryDelete(part);
        foreach (string path in Directory.GetFiles(folder, "*" + Extension))
        {
            string model = Path.GetFileNameWithoutExtension(path);
            string? fault = "Its name is not a model's.";
            if (Names.IsModel(model) && Read(path, out fault) is { } version)
            {
                known = known.SetItem(model, new(model, target, version));
                continue;
            }

            Log.Unreadable(logger, path, fault ?? "");
            TryDelete(path);
        }
    }

    private RoutedVersion? Read(string path, out string? fault)
    {
        fault = "It is damaged.";
        if (new FileInfo(path).Length is < DigestLength or > SizeBytesMaximum) return null;
        ReadOnlySpan<byte> bytes = File.ReadAllBytes(path);
        ReadOnlySpan<byte> content = bytes[DigestLength..];
        if (Encoding.ASCII.GetString(bytes[..DigestLength]) != DigestOf(content)) return null;
        if (PipelineJson.TryRead<RoutedVersion>(content, out fault) is not { } version) return null;
        fault = "It names no engine of this runtime.";
        return Names.IsVersion(version.Version) && version.Engines.TryGetValue(runtime, out RoutedEngine? engine)
            && Names.IsSha256(engine.EngineDigest) && Names.IsSha256(engine.EngineKey) && engine.SizeBytes > 0
            && !version.Profiles.IsDefault ? version : null;
    }

    private static bool TryDelete(string path)
    {
        try
        {
            File.Delete(path);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The last good engine in '{Path}' is not known: {Reason}")]
        public static partial void Unreadable(ILogger logger, string path, string reason);

        [LoggerMessage(LogLevel.Warning, "The engine that serves '{Model}' cannot be noted for a restart: {Reason}")]
        public static partial void Unwritten(ILogger logger, string model, string reason);
    }
}
