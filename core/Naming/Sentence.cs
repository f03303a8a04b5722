namespace Pipeline.Core.Naming;

/// <summary>Small rules for the texts that people read: reasons are kept in table rows, so they are bounded.</summary>
internal static class Sentence
{
    public const int LengthMaximum = 1000;

    /// <summary>The text, cut where it would be too long to keep.</summary>
    public static string Bound(string text, int lengthMaximum = LengthMaximum) =>
        text.Length <= lengthMaximum ? text : string.Concat(text.AsSpan(0, lengthMaximum - 1), "…");

    /// <summary><c>1 lane</c>, <c>2 lanes</c>.</summary>
    public static string Count(long number, string noun) => number == 1 ? $"1 {noun}" : $"{number} {noun}s";
}
