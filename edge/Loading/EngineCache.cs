using System.Security.Cryptography;
using Pipeline.Core.Routing;
using Pipeline.Edge.Sources;

namespace Pipeline.Edge.Loading;

/// <summary>
/// Engine files on disk by digest. The bytes that are handed out are the bytes that were hashed: a file that rotted or
/// was changed is dropped and fetched again. Several edges of one machine may share the folder.
/// </summary>
internal sealed class EngineCache(string directory, IEngineSource source, TimeProvider time)
{
    /// <summary>Files that no route names stay for a quick rollback, up to this many.</summary>
    private const int SpareFilesMaximum = 8;

    /// <summary>A download does not take that long: what is older was left by a process that ended.</summary>
    private static readonly TimeSpan PartAgeMaximum = TimeSpan.FromDays(1);

    private readonly string folder = Directory.CreateDirectory(Path.Combine(directory, "engines")).FullName;

    /// <summary>The engine's bytes, from the cache or else from the source.</summary>
    /// <exception cref="EngineFaultException">DownloadFailed or DigestMismatch.</exception>
    public async Task<byte[]> ReadAsync(RoutedEngine engine, CancellationToken cancellationToken)
    {
        string path = Path.Combine(folder, engine.EngineDigest + ".engine");
        if (File.Exists(path) && await ReadCheckedAsync(path, engine, cancellationToken) is { } cached) return cached;

        string part = Path.Combine(folder, $"{engine.EngineDigest}.{Guid.NewGuid():N}.part");
        try
        {
            await source.DownloadAsync(engine, part, cancellationToken);
            byte[] bytes = await ReadCheckedAsync(part, engine, cancellationToken) ?? throw new EngineFaultException(
                new(EngineFaultKind.DigestMismatch, "The stored engine is not what the route names: another digest."));
            File.Move(part, path, overwrite: true);
            return bytes;
        }
        catch (Exception e) when (e is not (EngineFaultException or OperationCanceledException))
        {
            throw new EngineFaultException(new(EngineFaultKind.DownloadFailed, $"The download failed: {e.Message}"), e);
        }
        finally
        {
            File.Delete(part);
        }
    }

    /// <summary>Deletes all but the named engines and a few recent others, and what crashes have left.</summary>
    public void Prune(IReadOnlySet<string> digestsInUse)
    {
        IEnumerable<FileInfo> spare = new DirectoryInfo(folder).EnumerateFiles("*.engine")
            .Where(f => !digestsInUse.Contains(Path.GetFileNameWithoutExtension(f.Name)))
            .OrderByDescending(f => f.LastWriteTimeUtc).Skip(SpareFilesMaximum);
        IEnumerable<FileInfo> left = new DirectoryInfo(folder).EnumerateFiles("*.part")
            .Where(f => time.GetUtcNow() - f.LastWriteTimeUtc > PartAgeMaximum);
        foreach (FileInfo file in spare.Concat(left)) file.Delete();
    }

    private static async Task<byte[]?> ReadCheckedAsync(
        string path, RoutedEngine engine, CancellationToken cancellationToken)
    {
        if (new FileInfo(path).Length == engine.SizeBytes)
        {
            byte[] bytes = await File.ReadAllBytesAsync(path, cancellationToken);
            if (Convert.ToHexStringLower(SHA256.HashData(bytes)) == engine.EngineDigest) return bytes;
        }

        File.Delete(path);
        return null;
    }
}
