namespace Pipeline.Edge.Loading;

internal sealed partial class EngineShelf
{
    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Engine '{Digest}' is loaded and warm after {Seconds:0.000} s: {Description}.")]
        public static partial void EngineLoaded(ILogger logger, string digest, string description, double seconds);

        [LoggerMessage(LogLevel.Warning,
            "Engine '{Digest}' is not served, {Kind}: {Sentence} Attempt {Attempt}; the next one in {Seconds:0.0} s.")]
        public static partial void EngineFailed(
            ILogger logger, string digest, EngineFaultKind kind, string sentence, int attempt, double seconds);

        [LoggerMessage(LogLevel.Warning,
            "The device has no room for engine '{Digest}' beside '{Old}', whose place it takes; requests of '{Model}' wait.")]
        public static partial void SwapBegun(ILogger logger, string digest, string old, string model);

        [LoggerMessage(LogLevel.Information, "Requests of '{Model}' waited {Seconds:0.000} s for engine '{Digest}'.")]
        public static partial void SwapEnded(ILogger logger, string digest, string model, double seconds);

        [LoggerMessage(LogLevel.Information, "Engine '{Digest}' has left the routes; it ends with its last request.")]
        public static partial void EngineDropped(ILogger logger, string digest);
    }
}
