namespace Pipeline.Local.Commands;

/// <summary>Rows in columns, as wide as their longest text; the last column is left as it is.</summary>
internal sealed class TextTable(params string[] heads)
{
    private readonly List<string[]> rows = [heads];

    public TextTable Row(params string[] cells)
    {
        rows.Add([.. cells.Select(PlainTextWriter.OneLine)]);
        return this;
    }

    public void WriteTo(TextWriter writer)
    {
        int[] widths = [.. Enumerable.Range(0, heads.Length).Select(i => rows.Max(row => row[i].Length))];
        foreach (string[] row in rows)
        {
            IEnumerable<string> padded = row.Select((cell, i) => cell.PadRight(widths[i]));
            writer.WriteLine(string.Join("  ", padded).TrimEnd());
        }
    }
}
