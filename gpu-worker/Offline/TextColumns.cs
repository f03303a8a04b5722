using System.Text;

namespace Pipeline.GpuWorker.Offline;

/// <summary>Rows of text in columns as wide as they need to be.</summary>
internal sealed class TextColumns
{
    private readonly List<string[]> rows = [];

    /// <summary>Adds a row; names from a model may hold what a terminal would obey.</summary>
    public void Add(params ReadOnlySpan<string> cells) => rows.Add([.. cells.ToArray().Select(Plain)]);

    public void WriteTo(StringBuilder text)
    {
        int count = rows.Max(r => r.Length);
        int[] widths = [.. Enumerable.Range(0, count).Select(i => rows.Max(r => i < r.Length ? r[i].Length : 0))];
        foreach (string[] row in rows) text.Append(string.Join("  ", row.Select((c, i) => c.PadRight(widths[i]))).TrimEnd()).Append('\n');
    }

    public static string Plain(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));
}
