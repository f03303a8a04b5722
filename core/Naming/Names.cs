using System.Text.RegularExpressions;

namespace Pipeline.Core.Naming;

/// <summary>
/// The alphabets of names. They are narrow so that each name is at once a blob path segment, part of a table key and part
/// of a queue name; <c>--</c> is kept free as the separator of lanes in entity names.
/// </summary>
public static partial class Names
{
    /// <summary>How runtimes end for whose hardware a double stands in.</summary>
    public const string SimulatedSuffix = "-simulated";

    public const string ModelRule = "1 to 63 lower-case letters, digits and single inner hyphens";
    public const string VersionRule = "1 to 32 letters, digits, dots, hyphens and underscores, starting with a letter or digit";

    public static bool IsModel(string? text) => text is { Length: <= 63 } && Hyphenated().IsMatch(text);

    public static bool IsVersion(string? text) => text is not null && VersionText().IsMatch(text);

    public static bool IsTarget(string? text) => text is { Length: <= 40 } && TargetText().IsMatch(text);

    public static bool IsRuntime(string? text) => text is { Length: <= 40 } && RuntimeText().IsMatch(text);

    /// <summary>Whether a double stands in for the hardware of a runtime: <c>trt-11.1.0.106-simulated</c>.</summary>
    public static bool IsSimulated(string runtime) => runtime.EndsWith(SimulatedSuffix, StringComparison.Ordinal);

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public static bool IsSha256(string? text) => text is not null && Sha256Text().IsMatch(text);

    [GeneratedRegex(@"\A[a-z0-9]+(-[a-z0-9]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Hyphenated();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,31}\z", RegexOptions.CultureInvariant)]
    private static partial Regex VersionText();

    [GeneratedRegex(@"\A(sm_[0-9]{2,3}(-[a-z0-9]+)?|cpu(-[a-z0-9]+)+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex TargetText();

    [GeneratedRegex(@"\A(trt|ort)-[0-9]+(\.[0-9]+){2,3}(-[a-z0-9]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex RuntimeText();

    [GeneratedRegex(@"\A[0-9a-f]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Sha256Text();
}
