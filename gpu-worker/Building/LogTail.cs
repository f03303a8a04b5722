using System.Collections.Immutable;

namespace Pipeline.GpuWorker.Building;

/// <summary>The last lines that a build's child process wrote. Thread-safe.</summary>
internal sealed class LogTail
{
    public const int LineLengthMaximum = 1000;

    private const int LinesMaximum = 500;
    private const int LastWordsCount = 5;

    private readonly Queue<string> lines = new();

    public ImmutableArray<string> Lines
    {
        get
        {
            lock (lines) return [.. lines];
        }
    }

    /// <summary>The last lines in a sentence; empty when there were none.</summary>
    public string LastWords
    {
        get
        {
            string[] last = [.. Lines.TakeLast(LastWordsCount)];
            return last.Length == 0 ? "" : $" It said last: {string.Join(" | ", last)}";
        }
    }

    public void Add(string line)
    {
        line = line.Trim();
        if (line.Length == 0) return;
        lock (lines)
        {
            if (lines.Count == LinesMaximum) lines.Dequeue();
            lines.Enqueue(line.Length <= LineLengthMaximum ? line : line[..LineLengthMaximum]);
        }
    }
}
