namespace Pipeline.Edge.Routing;

/// <summary>The last accepted snapshot on disk, as it was signed: it is checked again when it is read.</summary>
internal sealed class SnapshotCache
{
    private readonly string? path;

    public SnapshotCache(string directory, string target) =>
        path = Path.Combine(Directory.CreateDirectory(directory).FullName, $"routes-{target}.json");

    private SnapshotCache()
    {
    }

    /// <summary>Keeps nothing, for an edge without a disk.</summary>
    public static SnapshotCache None { get; } = new();

    /// <summary>The bytes, or null when there are none.</summary>
    public byte[]? Read() => File.Exists(path) ? File.ReadAllBytes(path) : null;

    /// <summary>Replaces them in one step, so that a crash leaves either the old or the new ones.</summary>
    public void Write(byte[] blob)
    {
        if (path is null) return;
        string part = $"{path}.{Guid.NewGuid():N}.part";
        File.WriteAllBytes(part, blob);
        File.Move(part, path, overwrite: true);
    }
}
