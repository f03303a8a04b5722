using System.Globalization;
using Microsoft.Net.Http.Headers;
using Pipeline.Edge.Protocol;

namespace Pipeline.Edge.Serving;

/// <summary>What the headers of an inference request must be, looked at before its body is.</summary>
internal static class InferHeaders
{
    public const string TimeoutHeader = "x-request-timeout-ms";

    private const int TimeoutMaximumMilliseconds = 3_600_000;

    /// <exception cref="ProtocolException">415: another media type, or compressed.</exception>
    public static void CheckMediaType(HttpRequest request)
    {
        string? type = request.ContentType;
        if (!IsTaken(type))
        {
            throw new ProtocolException(
                StatusCodes.Status415UnsupportedMediaType,
                $"Media type {ProtocolException.Quote(type!)} is not taken; send application/json or " +
                "application/octet-stream.");
        }

        if (request.Headers.ContentEncoding.Count > 0)
        {
            throw new ProtocolException(
                StatusCodes.Status415UnsupportedMediaType,
                "Compressed bodies are not taken; send without Content-Encoding.");
        }
    }

    /// <summary>Timestamp after which the answer is worth nothing; the largest there is when the request does not say.</summary>
    /// <exception cref="ProtocolException">400: not a number of milliseconds that is taken.</exception>
    public static long ReadDeadline(HttpRequest request, TimeProvider time, long now)
    {
        string? text = request.Headers[TimeoutHeader];
        if (text is null) return long.MaxValue;
        bool isTaken = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int milliseconds)
            && milliseconds is >= 1 and <= TimeoutMaximumMilliseconds;
        return isTaken
            ? now + milliseconds * time.TimestampFrequency / 1000
            : throw ProtocolException.BadRequest(
                $"Header '{TimeoutHeader}' is {ProtocolException.Quote(text)}, not 1 to {TimeoutMaximumMilliseconds} milliseconds.");
    }

    private static bool IsTaken(string? type) =>
        type is null or "" or "application/json" or "application/octet-stream"
        || (MediaTypeHeaderValue.TryParse(type, out MediaTypeHeaderValue? parsed)
            && (parsed.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
                || parsed.MediaType.Equals("application/octet-stream", StringComparison.OrdinalIgnoreCase)));
}
