namespace Pipeline.Cloud.Messages;

/// <summary>Paths of blobs that came from outside.</summary>
public static class BlobPath
{
    public const int LengthMaximum = 1024;

    /// <summary>
    /// Whether every segment is a plain name: nothing that climbs, hides or splits a path, here or on a file system.
    /// </summary>
    public static bool IsSafe(string path) =>
        path.Length is > 0 and <= LengthMaximum
        && !path.Any(c => char.IsControl(c) || c is '\\' || char.IsSurrogate(c))
        && path.Split('/').All(segment => segment is not ("" or "." or ".."));
}
