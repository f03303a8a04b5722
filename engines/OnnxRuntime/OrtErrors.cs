using System.Text.RegularExpressions;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>Turns statuses into typed errors. ONNX Runtime names a missing operator only in its message.</summary>
internal static partial class OrtErrors
{
    private const int MessageLengthMaximum = 2000;

    /// <param name="kind">What it is when the status is about nothing more particular.</param>
    /// <param name="what">The start of the sentence, such as "The model 'x' does not build".</param>
    public static EngineException From(OrtStatus status, EngineErrorKind kind, string what)
    {
        string said = status.Message.Length > MessageLengthMaximum
            ? status.Message[..MessageLengthMaximum] + "..."
            : status.Message;
        if (MissingOperator().Match(status.Message) is { Success: true } missing)
        {
            string name = missing.Groups["name"].Value;
            return new EngineException(
                EngineErrorKind.UnsupportedOperator,
                $"{what}: ONNX Runtime does not implement operator '{name}' as the model uses it. It said: {said}")
            {
                Operator = name,
            };
        }

        if (TooLarge().IsMatch(status.Message))
        {
            return new EngineException(
                EngineErrorKind.EngineTooLarge,
                $"{what}: the optimized model would be larger than 2 GB, which ONNX Runtime cannot write as one file.");
        }

        if (OutOfMemory().IsMatch(status.Message)) kind = EngineErrorKind.OutOfMemory;
        return new EngineException(kind, $"{what}: ONNX Runtime said ({status.Code}): {said}");
    }

    [GeneratedRegex(
        @"No Op registered for (?<name>[\w.:]+)" +
        @"|Could not find an implementation for (?<name>[\w.:]+)\(" +
        @"|Fatal error: (?<name>[\w.:]+?)(\(-?\d+\))? is not a registered function/op",
        RegexOptions.ExplicitCapture)]
    private static partial Regex MissingOperator();

    /// <summary>Of a CUDA device: the call's own error, or the arena's.</summary>
    [GeneratedRegex(@"CUDA failure 2\b|CUDA error 2\b|cudaErrorMemoryAllocation")]
    private static partial Regex OutOfMemory();

    [GeneratedRegex("larger than 2GB|exceeded maximum protobuf size|exceeds maximum supported size|larger than 2 ?GiB")]
    private static partial Regex TooLarge();
}
