namespace Pipeline.Engines.TensorRt.Building;

/// <summary>
/// Reads the timing cache that earlier builds left. It is measurements, never code; a bad one costs time, so it never fails a build
/// that does not ask for exactly it.
/// </summary>
internal static class TimingCacheFile
{
    private const long LengthMaximum = 256L << 20;

    /// <summary>Its bytes; empty without one.</summary>
    /// <param name="log">Told when it is there and left alone.</param>
    public static byte[] Read(string? path, BuildLog log)
    {
        if (path is null || !File.Exists(path)) return [];
        try
        {
            long length = new FileInfo(path).Length;
            if (length <= LengthMaximum) return File.ReadAllBytes(path);
            log.Add(2, $"The timing cache of {length} bytes is left alone; at most {LengthMaximum} are read.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.Add(2, $"The timing cache cannot be read: {e.Message}");
        }

        return [];
    }
}
