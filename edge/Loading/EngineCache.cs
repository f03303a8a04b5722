using System.Buffers;
using System.Security.Cryptography;
using Pipeline.Core.Routing;
using Pipeline.Edge.Sources;

namespace Pipeline.Edge.Loading;

/// <summary>
/// Engine files on disk by digest. What is handed out is a map of the very file that was hashed: a file that rotted or
/// was changed is dropped and fetched again. Several edges of one machine may share the folder.
/// </summary>
internal sealed class EngineCache(string directory, IEngineSource source, EdgeOptions options, TimeProvider time)
{
    /// <summary>Files that no route names stay for a quick rollback, up to this many.</summary>
    private const int SpareFilesMaximum = 8;

    private const int HashBufferBytes = 1 << 20;

    /// <summary>A download does not take that long: what is older was left by a process that ended.</summary>
    private static readonly TimeSpan PartAgeMaximum = TimeSpan.FromDays(1);

    private readonly string folder = Path.Combine(directory, "engines");

    /// <summary>Whether an error is that the disk is full.</summary>
    public static bool IsFull(Exception? e) => e is IOException && e.HResult is 28 or 122;

    /// <summary>Whether it seems to be here; only <see cref="Open"/> looks at its bytes.</summary>
    public bool Holds(RoutedEngine engine)
    {
        var file = new FileInfo(PathOf(engine));
        return file.Exists && file.Length == engine.SizeBytes;
    }

    /// <summary>The engine's bytes; null when they are not here, or no longer what they were.</summary>
    /// <exception cref="EngineFaultException">CacheFailed.</exception>
    public MappedEngine? Open(RoutedEngine engine, CancellationToken cancellationToken)
    {
        try
        {
            return TryOpen(PathOf(engine), engine, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(e);
        }
    }

    /// <summary>Brings the engine's bytes here from the source.</summary>
    /// <exception cref="EngineFaultException">DownloadFailed, DigestMismatch, CacheFailed or LoadFailed.</exception>
    public async Task FetchAsync(RoutedEngine engine, CancellationToken cancellationToken)
    {
        if (engine.SizeBytes > MappedEngine.SizeBytesMaximum)
        {
            throw Fault(
                EngineFaultKind.LoadFailed,
                $"The engine has {engine.SizeBytes} bytes; at most {MappedEngine.SizeBytesMaximum} are loaded.");
        }

        string part = Path.Combine(folder, $"{engine.EngineDigest}.{Guid.NewGuid():N}.part");
        try
        {
            Directory.CreateDirectory(folder);
            await DownloadAsync(engine, part, cancellationToken);
            using MappedEngine opened = TryOpen(part, engine, cancellationToken) ?? throw Fault(
                EngineFaultKind.DigestMismatch, "The stored engine is not what the route names: another digest.");
            File.Move(part, PathOf(engine), overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(e);
        }
        finally
        {
            TryDelete(part);
        }
    }

    /// <summary>Deletes all but the named engines and the few others that were last in use, and what crashes have left.</summary>
    /// <param name="digestsInUse">What stays in any case.</param>
    /// <param name="needsSpace">Keeps no others.</param>
    public void Prune(IReadOnlySet<string> digestsInUse, bool needsSpace)
    {
        var files = new DirectoryInfo(folder);
        if (!files.Exists) return;
        ILookup<bool, FileInfo> engines = files.EnumerateFiles("*.engine")
            .ToLookup(f => digestsInUse.Contains(Path.GetFileNameWithoutExtension(f.Name)));
        foreach (FileInfo used in engines[true]) TryTouch(used);
        IEnumerable<FileInfo> spare = engines[false]
            .OrderByDescending(f => f.LastWriteTimeUtc).Skip(needsSpace ? 0 : SpareFilesMaximum);
        IEnumerable<FileInfo> left = files.EnumerateFiles("*.part")
            .Where(f => time.GetUtcNow() - f.LastWriteTimeUtc > PartAgeMaximum);
        foreach (FileInfo file in spare.Concat(left).ToArray()) TryDelete(file.FullName);
    }

    private string PathOf(RoutedEngine engine) => Path.Combine(folder, engine.EngineDigest + ".engine");

    private async Task DownloadAsync(RoutedEngine engine, string part, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.DownloadTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await source.DownloadAsync(engine, part, both.Token).WaitAsync(both.Token);
        }
        catch (Exception e) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            double seconds = options.DownloadTimeout.TotalSeconds;
            throw Fault(EngineFaultKind.DownloadFailed, $"The download did not end within {seconds:0.#} s.", e);
        }
        catch (Exception e) when (!IsOfTheDisk(e) && e is not (EngineFaultException or OperationCanceledException))
        {
            throw Fault(EngineFaultKind.DownloadFailed, $"The download failed: {e.Message}", e);
        }
    }

    private static MappedEngine? TryOpen(string path, RoutedEngine engine, CancellationToken cancellationToken)
    {
        if (!File.Exists(path)) return null;
        // That it cannot be opened or read, for want of handles or memory, says nothing against what is in it.
        FileStream? file = new(path, new FileStreamOptions { Options = FileOptions.SequentialScan, BufferSize = 0 });
        try
        {
            if (file.Length == engine.SizeBytes && engine.SizeBytes > 0
                && DigestOf(file, cancellationToken) == engine.EngineDigest)
            {
                var opened = new MappedEngine(file);
                file = null;
                return opened;
            }
        }
        finally
        {
            file?.Dispose();
        }

        File.Delete(path);
        return null;
    }

    private static string DigestOf(FileStream file, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(HashBufferBytes);
        try
        {
            while (file.Read(buffer) is > 0 and int read)
            {
                cancellationToken.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // Errors of writing a file here, which no source can be blamed for: no space, quota, too large, read-only.
    private static bool IsOfTheDisk(Exception e) =>
        e is UnauthorizedAccessException or DirectoryNotFoundException
        || IsFull(e) || (e is IOException && e.HResult is 27 or 30);

    /// <summary>A file's time of writing is when it was last in use, so that the engine before this one stays the longest.</summary>
    private void TryTouch(FileInfo file)
    {
        try
        {
            file.LastWriteTimeUtc = time.GetUtcNow().UtcDateTime;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Gone, or not ours: it keeps the time that it has.
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is tried again with the next pruning.
        }
    }

    private static EngineFaultException Unusable(Exception e) =>
        Fault(EngineFaultKind.CacheFailed, $"The cache folder cannot be used: {e.Message}", e);

    private static EngineFaultException Fault(EngineFaultKind kind, string sentence, Exception? cause = null) =>
        new(new(kind, sentence), cause);
}
