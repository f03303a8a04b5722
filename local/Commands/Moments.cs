using System.Globalization;

namespace Pipeline.Local.Commands;

/// <summary>How moments and times are written for people.</summary>
internal static class Moments
{
    public static string Of(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.f'Z'", CultureInfo.InvariantCulture);
}
