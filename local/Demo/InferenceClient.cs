using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Pipeline.Local.Demo;

/// <summary>Talks to an edge in the Open Inference Protocol v2, tensors as bytes behind the JSON.</summary>
internal sealed class InferenceClient(Uri edge) : IDisposable
{
    public const string UserHeader = "x-user-id";

    private const string JsonLengthHeader = "Inference-Header-Content-Length";

    private readonly HttpClient http = new() { BaseAddress = edge, Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>A request's body, to be sent any number of times.</summary>
    public static InferenceBody Prepare(string inputName, ReadOnlySpan<float> input, ReadOnlySpan<long> shape)
    {
        byte[] tensor = MemoryMarshal.AsBytes(input).ToArray();
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(new
        {
            inputs = new[]
            {
                new
                {
                    name = inputName,
                    datatype = "FP32",
                    shape = shape.ToArray(),
                    parameters = new { binary_data_size = tensor.Length },
                },
            },
            parameters = new { binary_data_output = true },
        });
        return new InferenceBody([.. json, .. tensor], json.Length);
    }

    /// <summary>Sends one request.</summary>
    /// <param name="model">Name of the model.</param>
    /// <param name="body">From <see cref="Prepare"/>.</param>
    /// <param name="user">Whose request it is; sticks to one version.</param>
    /// <returns>Null when no engine serves the model yet.</returns>
    /// <exception cref="HttpRequestException">Any other answer than an inference.</exception>
    public async Task<InferenceAnswer?> InferAsync(
        string model, InferenceBody body, string user, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri($"v2/models/{model}/infer", UriKind.Relative));
        request.Content = new ByteArrayContent(body.Bytes);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        request.Headers.Add(JsonLengthHeader, body.JsonLength.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add(UserHeader, user);
        using HttpResponseMessage answer = await http.SendAsync(request, cancellationToken);
        byte[] bytes = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
        if (answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.NotFound) return null;
        if (!answer.IsSuccessStatusCode)
        {
            throw new HttpRequestException(
                $"The edge answered {(int)answer.StatusCode}: {System.Text.Encoding.UTF8.GetString(bytes)}");
        }

        int jsonLength = int.Parse(Header(answer, JsonLengthHeader), CultureInfo.InvariantCulture);
        return new InferenceAnswer
        {
            Version = Header(answer, "x-model-version"),
            EngineDigest = Header(answer, "x-engine-digest"),
            Output = MemoryMarshal.Cast<byte, float>(bytes.AsSpan(jsonLength)).ToArray(),
        };
    }

    public void Dispose() => http.Dispose();

    private static string Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out IEnumerable<string>? values)
            ? values.First()
            : throw new HttpRequestException($"The edge's answer has no header '{name}'.");
}

/// <param name="Bytes">The JSON, and the tensor behind it.</param>
/// <param name="JsonLength">Where the tensor begins.</param>
internal sealed record InferenceBody(byte[] Bytes, int JsonLength);
