namespace Pipeline.Edge.Routing;

/// <summary>
/// The last accepted snapshot on disk, as it was signed: it is checked again when it is read. A folder that cannot be
/// written to costs a restart its routes and nothing else; what was not kept is tried again.
/// </summary>
internal sealed partial class SnapshotCache(string directory, string target, ILogger<SnapshotCache> logger)
{
    private readonly string path = Path.Combine(directory, $"routes-{target}.json");
    private readonly Lock gate = new();
    private byte[]? unwritten;

    /// <summary>The bytes, or null when there are none.</summary>
    public byte[]? Read() => File.Exists(path) ? File.ReadAllBytes(path) : null;

    /// <summary>Replaces them in one step, so that a crash leaves either the old or the new ones.</summary>
    public void Write(byte[] blob)
    {
        lock (gate)
        {
            bool failedBefore = unwritten is not null;
            unwritten = blob;
            TryWrite(isQuiet: failedBefore);
        }
    }

    /// <summary>Tries again what could not be written.</summary>
    public void Heal()
    {
        lock (gate) TryWrite(isQuiet: true);
    }

    private void TryWrite(bool isQuiet)
    {
        if (unwritten is not { } blob) return;
        string part = $"{path}.{Guid.NewGuid():N}.part";
        try
        {
            Directory.CreateDirectory(directory);
            File.WriteAllBytes(part, blob);
            File.Move(part, path, overwrite: true);
            unwritten = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!isQuiet) Log.Unwritten(logger, e.Message);
            TryDelete(part);
        }
    }

    private static void TryDelete(string part)
    {
        try
        {
            File.Delete(part);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The folder is away as a whole.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The routes cannot be kept for a restart: {Reason} It is tried again.")]
        public static partial void Unwritten(ILogger logger, string reason);
    }
}
