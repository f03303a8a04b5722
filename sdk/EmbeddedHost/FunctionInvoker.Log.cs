using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.EmbeddedHost;

internal sealed partial class FunctionInvoker
{
    private static partial class Log
    {
        [LoggerMessage(LogLevel.Debug, "Executing '{Function}' (Id={Invocation}).")]
        public static partial void Executing(ILogger logger, string function, string invocation);

        [LoggerMessage(LogLevel.Information, "Executed '{Function}' (Succeeded, Id={Invocation}, {Duration}).")]
        public static partial void Executed(ILogger logger, string function, string invocation, TimeSpan duration);

        [LoggerMessage(LogLevel.Information, "Executed '{Function}' (Cancelled, Id={Invocation}, {Duration}).")]
        public static partial void Cancelled(ILogger logger, string function, string invocation, TimeSpan duration);

        [LoggerMessage(LogLevel.Error, "Executed '{Function}' (Failed, Id={Invocation}, {Duration}).")]
        public static partial void Failed(
            ILogger logger, Exception failure, string function, string invocation, TimeSpan duration);
    }
}
