using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Pipeline.Edge.Protocol;

namespace Pipeline.Edge.Tests.Support;

/// <summary>An inference request as a client writes it.</summary>
internal static class InferCall
{
    public static HttpRequestMessage Json(string model, string json) =>
        new(HttpMethod.Post, $"/v2/models/{model}/infer")
        {
            Content = new StringContent(json, Encoding.UTF8, "application/json"),
        };

    public static HttpRequestMessage Binary(
        string model, string json, ReadOnlySpan<byte> data, int? headerLength = null)
    {
        byte[] head = Encoding.UTF8.GetBytes(json);
        var content = new ByteArrayContent([.. head, .. data]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        var request = new HttpRequestMessage(HttpMethod.Post, $"/v2/models/{model}/infer") { Content = content };
        request.Headers.Add(
            RequestBody.JsonLengthHeader, (headerLength ?? head.Length).ToString(CultureInfo.InvariantCulture));
        return request;
    }

    /// <summary>Rows of numbers, in binary and to be answered in binary.</summary>
    public static HttpRequestMessage Rows(string model, int rows, params float[] values)
    {
        string shape = $"[{rows},{values.Length / rows}]";
        return Binary(
            model,
            "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":" + shape +
            ",\"parameters\":{\"binary_data_size\":" + 4 * values.Length + "}}],\"parameters\":{\"binary_data_output\":true}}",
            MemoryMarshal.AsBytes<float>(values));
    }

    /// <summary>One row of four numbers for the models that add a constant.</summary>
    public static HttpRequestMessage Row(string model, float first) => Json(
        model, string.Create(CultureInfo.InvariantCulture,
            $$"""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,4],"data":[{{first}},0,0,0]}]}"""));

    public static HttpRequestMessage With(this HttpRequestMessage request, string header, string value)
    {
        request.Headers.TryAddWithoutValidation(header, value);
        return request;
    }

    public static async Task<InferAnswer> SendAsync(this EdgeHarness edge, HttpRequestMessage request)
    {
        using (request)
        {
            using HttpResponseMessage response =
                await edge.Client.SendAsync(request, TestContext.Current.CancellationToken);
            return new InferAnswer(
                response, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        }
    }
}

/// <summary>What came back, read whole.</summary>
internal sealed class InferAnswer
{
    private readonly Dictionary<string, string> headers;
    private readonly int jsonLength;

    public InferAnswer(HttpResponseMessage response, byte[] body)
    {
        (Status, Body) = (response.StatusCode, body);
        ContentType = response.Content.Headers.ContentType?.MediaType;
        headers =
            response.Headers.ToDictionary(h => h.Key, h => string.Join(",", h.Value), StringComparer.OrdinalIgnoreCase);
        jsonLength = Header(RequestBody.JsonLengthHeader) is { } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : body.Length;
        Json = body.Length == 0 ? default : JsonDocument.Parse(body.AsMemory(0, jsonLength)).RootElement;
    }

    public HttpStatusCode Status { get; }

    public string? ContentType { get; }

    public byte[] Body { get; }

    public JsonElement Json { get; }

    public ReadOnlySpan<byte> BinaryPart => Body.AsSpan(jsonLength);

    /// <summary>The sentence of a problem.</summary>
    public string Detail => Json.GetProperty("detail").GetString()!;

    public string? Version => Header("x-model-version");

    public string? Header(string name) => headers.GetValueOrDefault(name);

    public float[] Floats(int output = 0) =>
        [.. Json.GetProperty("outputs")[output].GetProperty("data").EnumerateArray().Select(v => v.GetSingle())];

    public float[] BinaryFloats() => MemoryMarshal.Cast<byte, float>(BinaryPart).ToArray();
}
