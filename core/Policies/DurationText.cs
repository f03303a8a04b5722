using System.Globalization;

namespace Pipeline.Core.Policies;

/// <summary>Durations as a person writes them: a number and one of ms, s, m, h, d, such as <c>90s</c> or <c>1.5h</c>.</summary>
public static class DurationText
{
    private static readonly (string Suffix, double Milliseconds)[] Units =
        [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        // The first that fits: "ms" is asked before "s" and "m".
        (string suffix, double milliseconds) = Units.FirstOrDefault(u => text.EndsWith(u.Suffix, StringComparison.Ordinal));
        if (suffix is null || text.Length > 20) return false;
        if (!double.TryParse(
            text.AsSpan(0, text.Length - suffix.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
            out double number)) return false;
        double total = number * milliseconds;
        // Parsing takes "NaN" and "-Infinity" for numbers, whatever the style.
        if (!(total >= 0 && total <= TimeSpan.FromDays(3650).TotalMilliseconds)) return false;
        duration = TimeSpan.FromMilliseconds(total);
        return true;
    }

    public static string Write(TimeSpan duration)
    {
        (string suffix, double milliseconds) = Units.Last(u =>
            u.Milliseconds == 1 || (duration > TimeSpan.Zero && duration.TotalMilliseconds % u.Milliseconds == 0));
        return $"{duration.TotalMilliseconds / milliseconds:0.###}{suffix}";
    }
}
