using System.Text.Json;
using System.Text.Json.Serialization;
using Azure.Messaging.ServiceBus;

namespace Microsoft.Azure.Functions.Worker.EmbeddedHost;

/// <summary>What host.json says, with the official host's defaults, checked.</summary>
internal sealed class HostSettings
{
    private static readonly JsonSerializerOptions Reading = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        NumberHandling = JsonNumberHandling.Strict,
        ReadCommentHandling = JsonCommentHandling.Skip,
        MaxDepth = 16,
    };

    private HostSettings(HostJson json)
    {
        Check(json.Version is "2.0", "version", "must be \"2.0\"");
        FunctionTimeout = json.FunctionTimeout switch
        {
            null => TimeSpan.FromMinutes(30),
            "-1" => null,
            { } text => TimeSpan.TryParse(text, out TimeSpan limit) && limit > TimeSpan.Zero && limit.TotalDays <= 1
                ? limit
                : throw Fault("functionTimeout", "must be a time of at most a day such as \"00:10:00\", or \"-1\""),
        };
        LogLevels = json.Logging?.LogLevel ?? [];
        RoutePrefix = (json.Extensions?.Http?.RoutePrefix ?? "api").Trim('/');
        ReadServiceBus(json.Extensions?.ServiceBus);
    }

    /// <summary>How long an invocation may take; null: as long as it likes.</summary>
    public TimeSpan? FunctionTimeout { get; }

    public string RoutePrefix { get; }

    /// <summary>Log category to level; the category "default" stands for all others.</summary>
    public IReadOnlyDictionary<string, string> LogLevels { get; }

    public ServiceBusProcessorOptions Processor { get; } = new()
    {
        MaxConcurrentCalls = 16 * Environment.ProcessorCount,
        AutoCompleteMessages = true,
        MaxAutoLockRenewalDuration = TimeSpan.FromMinutes(5),
    };

    public ServiceBusClientOptions Client { get; } = new();

    /// <exception cref="FunctionWorkerException">The file is missing or says something unknown.</exception>
    public static HostSettings Load(string path)
    {
        if (!File.Exists(path))
            throw new FunctionWorkerException($"'{path}' is missing: add host.json to the app's output folder.");
        try
        {
            return new HostSettings(
                JsonSerializer.Deserialize<HostJson>(File.ReadAllBytes(path), Reading) ?? throw new JsonException());
        }
        catch (JsonException e)
        {
            throw new FunctionWorkerException(
                $"host.json: '{e.Path?.TrimStart('$', '.')}' (line {e.LineNumber + 1}) is not a setting that this host "
                + "knows, or its value is wrong; correct or remove it.", e);
        }
    }

    private void ReadServiceBus(HostJson.ServiceBusSection? json)
    {
        const string section = "extensions.serviceBus.";
        if (json is null) return;
        Check(json.MaxConcurrentCalls is null or (> 0 and <= 1000), section + "maxConcurrentCalls", "must be 1-1000");
        Check(json.PrefetchCount is null or (>= 0 and <= 10_000), section + "prefetchCount", "must be 0-10000");
        Processor.MaxConcurrentCalls = json.MaxConcurrentCalls ?? Processor.MaxConcurrentCalls;
        Processor.PrefetchCount = json.PrefetchCount ?? 0;
        Processor.AutoCompleteMessages = json.AutoCompleteMessages ?? true;
        if (json.MaxAutoLockRenewalDuration is { } renewal)
        {
            // The infinite duration is written as minus one millisecond.
            Check(renewal >= TimeSpan.Zero || renewal == Timeout.InfiniteTimeSpan,
                section + "maxAutoLockRenewalDuration", "must not be negative");
            Processor.MaxAutoLockRenewalDuration = renewal;
        }

        if (json.ClientRetryOptions is { } retry) ReadRetry(retry, section + "clientRetryOptions.");
    }

    private void ReadRetry(HostJson.RetrySection json, string section)
    {
        ServiceBusRetryOptions options = Client.RetryOptions;
        options.Mode = json.Mode?.ToUpperInvariant() switch
        {
            null or "EXPONENTIAL" => ServiceBusRetryMode.Exponential,
            "FIXED" => ServiceBusRetryMode.Fixed,
            _ => throw Fault(section + "mode", "must be exponential or fixed"),
        };
        try
        {
            options.TryTimeout = json.TryTimeout ?? options.TryTimeout;
            options.Delay = json.Delay ?? options.Delay;
            options.MaxDelay = json.MaxDelay ?? options.MaxDelay;
            options.MaxRetries = json.MaxRetries ?? options.MaxRetries;
        }
        catch (ArgumentOutOfRangeException e)
        {
            string name = JsonNamingPolicy.CamelCase.ConvertName(e.ParamName ?? "");
            throw new FunctionWorkerException($"host.json: '{section}{name}' is out of range.", e);
        }
    }

    private static void Check(bool holds, string name, string rule)
    {
        if (!holds) throw Fault(name, rule);
    }

    private static FunctionWorkerException Fault(string name, string rule) => new($"host.json: '{name}' {rule}.");
}
