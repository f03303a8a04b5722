using System.Text;

namespace Pipeline.Local.Environments;

/// <summary>
/// Reads the .env file that azd keeps of an environment: lines of <c>KEY="value"</c>, comments, nothing else. Nothing in it is
/// expanded or run. A fault names the line and never its content, which may be secret.
/// </summary>
public static class AzdEnvironmentText
{
    /// <summary>Longest file that is read, in characters.</summary>
    public const int LengthMaximum = 256 * 1024;

    /// <summary>The values by key, the last one of a key that is there twice; null with the fault as a sentence.</summary>
    public static IReadOnlyDictionary<string, string>? TryRead(string text, out string? fault)
    {
        fault = null;
        if (text.Length > LengthMaximum)
        {
            fault = $"it is longer than {LengthMaximum} characters.";
            return null;
        }

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        int number = 0;
        foreach (string raw in text.Split('\n'))
        {
            number++;
            string line = raw.Trim(' ', '\t', '\r', '\uFEFF');
            if (line.Length == 0 || line[0] == '#') continue;
            if (!TryReadLine(line, values))
            {
                fault = $"line {number} is not KEY=\"value\".";
                return null;
            }
        }

        return values;
    }

    private static bool TryReadLine(string line, Dictionary<string, string> values)
    {
        const string Export = "export ";
        if (line.StartsWith(Export, StringComparison.Ordinal)) line = line[Export.Length..].TrimStart();
        int equals = line.IndexOf('=', StringComparison.Ordinal);
        if (equals < 1) return false;
        string key = line[..equals].TrimEnd();
        if (char.IsAsciiDigit(key[0]) || !key.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')) return false;
        string? value = ReadValue(line[(equals + 1)..].TrimStart());
        if (value is null) return false;
        values[key] = value;
        return true;
    }

    private static string? ReadValue(string text) => text switch
    {
        "" => "",
        ['"', ..] => ReadDoubleQuoted(text),
        ['\'', ..] => text.IndexOf('\'', 1) is var end and > 0 && IsNothing(text[(end + 1)..]) ? text[1..end] : null,
        _ => WithoutComment(text),
    };

    // As azd writes it: a backslash before ", \, $, ! and `, and \n and \r for the ends of lines.
    private static string? ReadDoubleQuoted(string text)
    {
        var value = new StringBuilder();
        for (int i = 1; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '"') return IsNothing(text[(i + 1)..]) ? value.ToString() : null;
            if (c == '\\' && ++i < text.Length) c = text[i] switch { 'n' => '\n', 'r' => '\r', var other => other };
            value.Append(c);
        }

        return null;
    }

    private static string WithoutComment(string text)
    {
        int comment = text.IndexOf(" #", StringComparison.Ordinal);
        return (comment < 0 ? text : text[..comment]).TrimEnd();
    }

    private static bool IsNothing(string rest) => rest.TrimStart() is "" or ['#', ..];
}
