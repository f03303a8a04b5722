using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Core.Json;

namespace Pipeline.Cloud.Messages;

/// <summary>A CloudEvents 1.0 event in structured JSON form, as the topic promotion-events carries it.</summary>
public sealed record CloudEvent
{
    public const string CurrentSpecVersion = "1.0";
    public const string DefaultSource = "/promotion-pipeline";

    [JsonPropertyName("specversion")]
    public required string SpecVersion { get; init; }

    /// <summary>Also the message id: the same event is sent once, however often it is tried.</summary>
    public required string Id { get; init; }

    public required string Source { get; init; }

    /// <summary>One of <see cref="Core.Events.EventTypes"/>.</summary>
    public required string Type { get; init; }

    /// <summary>What it is about, such as <c>ocr-rec/4</c>.</summary>
    public string? Subject { get; init; }

    public DateTimeOffset? Time { get; init; }

    [JsonPropertyName("datacontenttype")]
    public string? DataContentType { get; init; }

    /// <summary>W3C traceparent: CloudEvents' extension for distributed tracing.</summary>
    [JsonPropertyName("traceparent")]
    public string? TraceParent { get; init; }

    public required JsonElement Data { get; init; }

    /// <summary>
    /// An event whose id follows from type, subject and data alone: the same content makes the same id. It goes on with the
    /// given trace, else with the one under way.
    /// </summary>
    public static CloudEvent Create<T>(string type, string subject, T data, DateTimeOffset now, string? traceParent = null)
    {
        JsonElement element = JsonSerializer.SerializeToElement(data, PipelineJson.Options);
        byte[] content = Encoding.UTF8.GetBytes($"{type}\n{subject}\n{element.GetRawText()}");
        return new CloudEvent
        {
            SpecVersion = CurrentSpecVersion,
            Id = Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 16)),
            Source = DefaultSource,
            Type = type,
            Subject = subject,
            Time = now,
            DataContentType = "application/json",
            TraceParent = TraceContext.Or(traceParent),
            Data = element,
        };
    }
}
