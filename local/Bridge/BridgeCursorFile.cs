using Pipeline.Core.Json;

namespace Pipeline.Local.Bridge;

/// <summary>
/// The cursor on disk. Written after the events are sent: a crash between sends them again, and loses none.
/// </summary>
public sealed class BridgeCursorFile(string path)
{
    /// <summary>The stored cursor; an empty one when there is none, or when it cannot be read.</summary>
    public BridgeCursor Read() => File.Exists(path)
        ? PipelineJson.TryRead<BridgeCursor>(File.ReadAllBytes(path), out _) ?? new BridgeCursor()
        : new BridgeCursor();

    public void Write(BridgeCursor cursor)
    {
        File.WriteAllBytes(path + ".new", PipelineJson.Write(cursor));
        File.Move(path + ".new", path, overwrite: true);
    }
}
