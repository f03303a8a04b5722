namespace Pipeline.Edge.Routing;

/// <summary>The last accepted snapshot on disk, as it was signed: it is checked again when it is read.</summary>
internal sealed class SnapshotCache(string directory, string target)
{
    private readonly string path = Path.Combine(Directory.CreateDirectory(directory).FullName, $"routes-{target}.json");

    /// <summary>The bytes, or null when there are none.</summary>
    public byte[]? Read() => File.Exists(path) ? File.ReadAllBytes(path) : null;

    /// <summary>Replaces them in one step, so that a crash leaves either the old or the new ones.</summary>
    public void Write(byte[] blob)
    {
        string part = $"{path}.{Guid.NewGuid():N}.part";
        File.WriteAllBytes(part, blob);
        File.Move(part, path, overwrite: true);
    }
}
