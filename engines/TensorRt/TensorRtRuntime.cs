using System.Globalization;
using Pipeline.Core.Naming;

namespace Pipeline.Engines.TensorRt;

/// <summary>What the name of a TensorRT runtime says: <c>trt-11.1.0.106</c>, or <c>trt-11.1.0.106-simulated</c> for the double.</summary>
internal readonly record struct TensorRtRuntime(int Major, bool IsSimulated)
{
    public const string Prefix = "trt-";

    /// <summary>The file of the library that implements the runtime; nothing else serves for it.</summary>
    public string LibraryFile => IsSimulated ? "libpipeline_trt_double.so" : $"libpipeline_trt{Major}.so";

    /// <exception cref="EngineException">ProviderUnavailable: it names no TensorRT.</exception>
    public static TensorRtRuntime Parse(string runtime)
    {
        string version = runtime.StartsWith(Prefix, StringComparison.Ordinal) ? runtime[Prefix.Length..] : "";
        int end = version.AsSpan().IndexOfAnyExceptInRange('0', '9');
        ReadOnlySpan<char> digits = end < 0 ? version : version.AsSpan(0, end);
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int major)
            ? new TensorRtRuntime(major, Names.IsSimulated(runtime))
            : throw new EngineException(
                EngineErrorKind.ProviderUnavailable,
                $"'{runtime}' names no TensorRT; give its version, such as 'trt-11.1.0.106', or its major alone, such as 'trt-11'.");
    }

    /// <summary>The name for an exact version.</summary>
    public static string NameOf(int major, int minor, int patch, int build, bool isSimulated) => string.Create(
        CultureInfo.InvariantCulture, $"{Prefix}{major}.{minor}.{patch}.{build}{(isSimulated ? Names.SimulatedSuffix : "")}");
}
