using System.Text.Json;

namespace Microsoft.Azure.Functions.Worker.EmbeddedHost;

// host.json as it is written. A JsonElement is a section of the official host that changes nothing here.
internal sealed record HostJson(
    string? Version,
    string? FunctionTimeout,
    HostJson.LoggingSection? Logging,
    HostJson.ExtensionsSection? Extensions,
    JsonElement TelemetryMode,
    JsonElement Concurrency,
    JsonElement HealthMonitor,
    JsonElement Singleton)
{
    internal sealed record LoggingSection(
        Dictionary<string, string>? LogLevel, JsonElement ApplicationInsights, JsonElement Console,
        JsonElement FileLoggingMode);

    internal sealed record ExtensionsSection(HttpSection? Http, ServiceBusSection? ServiceBus);

    internal sealed record HttpSection(
        string? RoutePrefix, JsonElement MaxConcurrentRequests, JsonElement MaxOutstandingRequests,
        JsonElement DynamicThrottlesEnabled);

    internal sealed record ServiceBusSection(
        int? MaxConcurrentCalls,
        int? PrefetchCount,
        bool? AutoCompleteMessages,
        TimeSpan? MaxAutoLockRenewalDuration,
        RetrySection? ClientRetryOptions,
        // Sessions and batches, which no function may ask for here.
        JsonElement MaxConcurrentSessions,
        JsonElement MaxConcurrentCallsPerSession,
        JsonElement SessionIdleTimeout,
        JsonElement MaxMessageBatchSize,
        JsonElement MinMessageBatchSize,
        JsonElement MaxBatchWaitTime,
        JsonElement EnableCrossEntityTransactions);

    internal sealed record RetrySection(
        string? Mode, TimeSpan? TryTimeout, TimeSpan? Delay, TimeSpan? MaxDelay, int? MaxRetries);
}
