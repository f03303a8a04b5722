using System.Collections.Immutable;

namespace Pipeline.Engines.TensorRt.Building;

/// <summary>What a build logs, bounded: its beginning and its end, since builds fail at the end. Thread-safe.</summary>
internal sealed class BuildLog
{
    private const int LinesMaximum = 100;
    private const int LineLengthMaximum = 1000;

    private readonly Lock gate = new();
    private readonly List<string> first = [];
    private readonly Queue<string> last = [];
    private int dropped;

    public ImmutableArray<string> Lines
    {
        get
        {
            lock (gate) return dropped == 0 ? [.. first, .. last] : [.. first, $"{dropped} lines were dropped here.", .. last];
        }
    }

    /// <param name="severity">ENGINE_LOG_*.</param>
    public void Add(int severity, string text)
    {
        string name = severity switch { 1 => "error", 2 => "warning", _ => "info" };
        string line = $"{name}: {(text.Length <= LineLengthMaximum ? text : text[..LineLengthMaximum])}";
        lock (gate)
        {
            if (first.Count < LinesMaximum)
            {
                first.Add(line);
                return;
            }

            last.Enqueue(line);
            if (last.Count <= LinesMaximum) return;
            last.Dequeue();
            dropped++;
        }
    }
}
