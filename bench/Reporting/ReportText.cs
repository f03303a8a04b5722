using System.Globalization;

namespace Pipeline.Bench.Reporting;

/// <summary>A result as aligned text.</summary>
internal static class ReportText
{
    public static void Write(TextWriter writer, BenchResult result)
    {
        writer.WriteLine($"\n== {result.Name}: {result.Error ?? result.What}");
        foreach (BenchTable table in result.Tables) Write(writer, table);
        foreach (BenchGoal goal in result.Goals)
            writer.WriteLine($"{(goal.Met ? "met   " : "missed")}  {goal.Goal}: {Text(goal.Measured)}");
    }

    private static void Write(TextWriter writer, BenchTable table)
    {
        string[][] lines =
        [
            [.. table.Rows[0].Select(cell => cell.Column)],
            .. table.Rows.Select(row => row.Select(cell => Text(cell.Value)).ToArray()),
        ];
        int[] widths = [.. table.Rows[0].Select((_, i) => lines.Max(line => line[i].Length))];
        writer.WriteLine($"{table.Name}:");
        foreach (string[] line in lines)
        {
            IEnumerable<string> padded = line.Select((text, i) =>
                table.Rows[0][i].Value is string ? text.PadRight(widths[i]) : text.PadLeft(widths[i]));
            writer.WriteLine("  " + string.Join("  ", padded).TrimEnd());
        }

        writer.WriteLine();
    }

    private static string Text(object value) => value switch
    {
        double number => number.ToString(Math.Abs(number) < 100 ? "0.000" : "0.0", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
