using System.Buffers;
using System.Text;

namespace Pipeline.Onnx.Inspection;

/// <summary>
/// Which external data locations are safe. The location is joined to a folder by native code that does not doubt it,
/// so everything is refused that could leave the folder on any system, or that ONNX Runtime gives a meaning of its own
/// (a location with asterisks names an address in memory).
/// </summary>
public static class ExternalDataLocation
{
    public const int MaxBytes = 1024;

    private static readonly SearchValues<char> Forbidden = SearchValues.Create("\\:*?\"<>|");

    /// <summary>
    /// Null when the location is a plain relative path inside the folder; otherwise the reason why not.
    /// </summary>
    public static string? Refuse(string location)
    {
        if (location.Length == 0) return "is empty";
        if (Encoding.UTF8.GetByteCount(location) > MaxBytes) return $"is longer than {MaxBytes} bytes";
        if (location[0] == '/') return "is an absolute path";
        if (location[0] == '~') return "starts with a home folder";
        if (location.Any(char.IsControl)) return "contains control characters";
        if (location.AsSpan().IndexOfAny(Forbidden) is >= 0 and var at)
            return $"contains the character '{location[at]}'";
        foreach (string segment in location.Split('/'))
        {
            if (segment.Length == 0) return "contains an empty segment";
            if (segment == "..") return "leaves the folder with '..'";
            // Windows drops both at the end of a name, so '.. ' would be '..' there.
            if (segment[^1] is '.' or ' ' || segment[0] == ' ') return "contains a segment that starts or ends badly";
        }

        return null;
    }
}
