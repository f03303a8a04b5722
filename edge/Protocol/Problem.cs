using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;

namespace Pipeline.Edge.Protocol;

/// <summary>Errors as RFC 9457 problem details.</summary>
internal static class Problem
{
    public const string ContentType = "application/problem+json";

    public static Task WriteAsync(HttpContext http, ProtocolException fault)
    {
        if (fault.RetryAfter is { } delay)
            http.Response.Headers.RetryAfter =
                ((int)Math.Ceiling(delay.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return WriteAsync(http, fault.Status, fault.Message);
    }

    public static async Task WriteAsync(HttpContext http, int status, string detail)
    {
        if (http.Response.HasStarted)
        {
            // Half an answer is out: only a broken connection tells that it is not whole.
            http.Abort();
            return;
        }

        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("type", "about:blank");
            json.WriteString("title", ReasonPhrases.GetReasonPhrase(status));
            json.WriteNumber("status", status);
            json.WriteString("detail", detail);
            json.WriteEndObject();
        }

        http.Response.StatusCode = status;
        http.Response.ContentType = ContentType;
        http.Response.ContentLength = body.WrittenCount;
        if (!HttpMethods.IsHead(http.Request.Method))
            await http.Response.Body.WriteAsync(body.WrittenMemory, http.RequestAborted);
    }
}
