using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Pipeline.Engines.Cuda;

namespace Pipeline.Engines.TensorRt.Native;

/// <summary>Turns what the shim and CUDA answer into typed errors.</summary>
internal static partial class ShimErrors
{
    private const int MessageLengthMaximum = 2000;

    /// <param name="otherwise">What it is when the status says nothing more particular.</param>
    /// <param name="what">The start of the sentence, such as "The model 'x' does not build".</param>
    /// <exception cref="EngineException">The status is not Ok.</exception>
    public static void ThrowIfFailed(this EngineStatus status, EngineErrorKind otherwise, string what)
    {
        if (status != EngineStatus.Ok) throw From(status, otherwise, what);
    }

    /// <summary>Reads the sentence of the last call, so nothing may come between the two.</summary>
    /// <param name="log">What the runtime logged before.</param>
    public static unsafe EngineException From(
        EngineStatus status, EngineErrorKind otherwise, string what, ImmutableArray<string>? log = null)
    {
        string said = Marshal.PtrToStringUTF8((nint)ShimMethods.LastError()) ?? "";
        if (said.Length > MessageLengthMaximum) said = said[..MessageLengthMaximum] + "...";
        EngineErrorKind kind = KindOf(status, otherwise);
        return new EngineException(kind, $"{what}: {(said.Length == 0 ? $"TensorRT gave no reason ({status})." : said)}")
        {
            Log = log ?? [],
            Operator = kind == EngineErrorKind.UnsupportedOperator ? OperatorIn(said) : null,
        };
    }

    /// <summary>The same for what CUDA answered.</summary>
    public static EngineException From(CudaException error, string what) => new(
        error.IsOutOfMemory ? EngineErrorKind.OutOfMemory : EngineErrorKind.RunFailed, $"{what}: {error.Message}", error);

    private static EngineErrorKind KindOf(EngineStatus status, EngineErrorKind otherwise) => status switch
    {
        EngineStatus.LibraryMissing => EngineErrorKind.LibraryMissing,
        EngineStatus.LibraryIncompatible => EngineErrorKind.LibraryIncompatible,
        EngineStatus.UnsupportedOperator => EngineErrorKind.UnsupportedOperator,
        EngineStatus.ParseFailed or EngineStatus.BuildFailed or EngineStatus.TimingCacheMiss => EngineErrorKind.BuildFailed,
        EngineStatus.OutOfMemory => EngineErrorKind.OutOfMemory,
        EngineStatus.PlanCorrupt => EngineErrorKind.LoadFailed,
        EngineStatus.PlanOtherVersion => EngineErrorKind.OtherVersion,
        EngineStatus.PlanOtherDevice => EngineErrorKind.OtherDevice,
        EngineStatus.RunFailed => EngineErrorKind.RunFailed,
        _ => otherwise,
    };

    // "Node 3 'name' (Op): why", as the shim writes it.
    private static string? OperatorIn(string said) =>
        NodeOperator().Match(said) is { Success: true } found ? found.Groups["name"].Value : null;

    [GeneratedRegex(@"Node \d+[^(]* \((?<name>[\w.:]+)\):", RegexOptions.ExplicitCapture)]
    private static partial Regex NodeOperator();
}
