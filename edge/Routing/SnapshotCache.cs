namespace Pipeline.Edge.Routing;

/// <summary>
/// The last accepted snapshot of each target on disk, as it was signed: it is checked again when it is read. A folder that cannot be
/// written to costs a restart its routes and nothing else; what was not kept is tried again.
/// </summary>
internal sealed partial class SnapshotCache(string directory, ILogger<SnapshotCache> logger)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, byte[]> unwritten = new(StringComparer.Ordinal);

    /// <summary>Whether an earlier process followed routes: a target without a snapshot here had none then.</summary>
    public bool HadAny { get; } = LooksUsed(directory);

    /// <summary>The bytes, or null when there are none.</summary>
    public byte[]? Read(string target) => File.Exists(PathOf(target)) ? File.ReadAllBytes(PathOf(target)) : null;

    /// <summary>Replaces them in one step, so that a crash leaves either the old or the new ones.</summary>
    public void Write(string target, byte[] blob)
    {
        lock (gate)
        {
            bool failedBefore = unwritten.ContainsKey(target);
            unwritten[target] = blob;
            TryWrite(target, isQuiet: failedBefore);
        }
    }

    /// <summary>Tries again what could not be written.</summary>
    public void Heal()
    {
        lock (gate)
        {
            foreach (string target in unwritten.Keys.ToArray()) TryWrite(target, isQuiet: true);
        }
    }

    private static bool LooksUsed(string directory)
    {
        try
        {
            return Directory.Exists(directory) && Directory.EnumerateFiles(directory, "routes-*.json").Any();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private string PathOf(string target) => Path.Combine(directory, $"routes-{target}.json");

    private void TryWrite(string target, bool isQuiet)
    {
        string part = $"{PathOf(target)}.{Guid.NewGuid():N}.part";
        try
        {
            Directory.CreateDirectory(directory);
            File.WriteAllBytes(part, unwritten[target]);
            File.Move(part, PathOf(target), overwrite: true);
            unwritten.Remove(target);
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
