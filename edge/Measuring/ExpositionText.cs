using System.Globalization;
using System.Text;

namespace Pipeline.Edge.Measuring;

/// <summary>Writes the Prometheus text format: each family once, its head before its samples.</summary>
internal sealed class ExpositionText
{
    private readonly StringBuilder text = new(32 * 1024);
    private string family = "";

    /// <summary>Labels as samples take them.</summary>
    public static string Labels(params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var text = new StringBuilder();
        foreach ((string name, string value) in labels)
        {
            if (text.Length > 0) text.Append(',');
            text.Append(name).Append("=\"");
            text.Append(value.Replace("\\", "\\\\", StringComparison.Ordinal)
                .Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal));
            text.Append('"');
        }

        return text.ToString();
    }

    /// <summary>Begins a family; its samples follow.</summary>
    /// <param name="type">counter, gauge or histogram.</param>
    /// <param name="help">One sentence, without line breaks or backslashes.</param>
    public void Family(string name, string type, string help)
    {
        family = name;
        text.Append("# HELP ").Append(name).Append(' ').Append(help).Append('\n');
        text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
    }

    /// <summary>A family of one sample.</summary>
    public void Single(string name, string type, string help, double value)
    {
        Family(name, type, help);
        Sample("", value);
    }

    /// <summary>A sample of the family; a histogram's carry a suffix.</summary>
    public void Sample(string labels, double value, string suffix = "")
    {
        text.Append(family).Append(suffix);
        if (labels.Length > 0) text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(Number(value)).Append('\n');
    }

    public override string ToString() => text.ToString();

    /// <summary>A number as label <c>le</c> and values have it.</summary>
    public static string Number(double value) => double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString("R", CultureInfo.InvariantCulture);
}
