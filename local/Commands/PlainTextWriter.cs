using System.Text;

namespace Pipeline.Local.Commands;

/// <summary>
/// Writes text without what a terminal obeys: names and messages come from models, events and workers. Ends of lines and tabs
/// stay.
/// </summary>
internal sealed class PlainTextWriter(TextWriter inner) : TextWriter(inner.FormatProvider)
{
    public override Encoding Encoding => inner.Encoding;

    /// <summary>The text as it is written.</summary>
    public static string Plain(string text) => Replace(text, c => char.IsControl(c) && c is not ('\n' or '\r' or '\t'));

    /// <summary>The same for a text that is to stay on one line.</summary>
    public static string OneLine(string text) => Replace(text, char.IsControl);

    public override void Write(char value) => Write([value], 0, 1);

    // All others end here; the console writes each call by itself.
    public override void Write(char[] buffer, int index, int count) => inner.Write(Plain(new string(buffer, index, count)));

    public override void Flush() => inner.Flush();

    private static string Replace(string text, Func<char, bool> isBad) =>
        text.Any(isBad) ? string.Concat(text.Select(c => isBad(c) ? ' ' : c)) : text;
}
