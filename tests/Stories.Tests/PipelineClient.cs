using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Azure.Storage.Blobs.Models;
using Pipeline.Cloud;
using Pipeline.Cloud.Connections;
using Pipeline.Cloud.Uploads;
using Pipeline.Core.Json;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Local.Environments;

namespace Pipeline.Stories.Tests;

/// <summary>What people and other programs do with a running environment: upload, ask, command, infer.</summary>
/// <param name="edge">Which of the environment's edges requests go to, from 0.</param>
public sealed class PipelineClient(LocalEnvironment environment, int edge = 0) : IAsyncDisposable
{
    private readonly HttpClient http = new();

    public CloudClients Cloud { get; } = new(new CloudOptions
    {
        Storage = environment.Description.Storage,
        ServiceBus = environment.Description.ServiceBus,
    });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public Lane Lane => environment.Description.Lanes[0];

    /// <summary>Uploads the other files first and the model last, as the contract asks.</summary>
    public async Task PushAsync(ModelVersion id, byte[] model, string? policy = null, params (string Name, byte[] Bytes)[] others)
    {
        foreach ((string name, byte[] bytes) in others) await PutAsync(UploadPath.Folder(id) + name, bytes);
        if (policy is not null) await PutAsync(UploadPath.Policy(id), Encoding.UTF8.GetBytes(policy));
        await PutAsync(UploadPath.Model(id), model);
    }

    public Task PutAsync(string path, byte[] bytes, string? traceParent = null)
    {
        var options = new BlobUploadOptions();
        if (traceParent is not null)
            options.Metadata = new Dictionary<string, string> { [EntityNames.TraceParentProperty] = traceParent };
        return Cloud.Container(EntityNames.ModelsContainer).GetBlobClient(path)
            .UploadAsync(BinaryData.FromBytes(bytes), options, Token);
    }

    public async Task<PromotionView?> FindAsync(ModelVersion id)
    {
        using HttpResponseMessage answer = await http.GetAsync(Api($"models/{id.Model}/versions/{id.Version}"), Token);
        return answer.IsSuccessStatusCode
            ? await answer.Content.ReadFromJsonAsync<PromotionView>(PipelineJson.Options, Token)
            : null;
    }

    /// <summary>Waits until the version is in one of the states; another end state fails at once.</summary>
    public async Task<PromotionView> ReachesAsync(ModelVersion id, params PromotionState[] states)
    {
        PromotionView? last = null;
        try
        {
            return await Until.FoundAsync<PromotionView>(
                "the version reaches its state",
                async () =>
                {
                    last = await FindAsync(id);
                    if (last is null) return null;
                    if (states.Contains(last.Promotion.State)) return last;
                    if (last.Promotion.End is not null)
                        Assert.Fail($"{id} ended as {last.Promotion.State}: {last.Promotion.StateReason}");
                    return null;
                });
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException(
                $"{id} never was {string.Join(" or ", states)}; it is {last?.Promotion.State}: {last?.Promotion.StateReason}", e);
        }
    }

    public async Task<(int Status, string Text)> CommandAsync(string path, string? reason = null, string? target = null)
    {
        using HttpResponseMessage answer = await http.PostAsJsonAsync(
            Api(path), new CommandRequest { Reason = reason, Target = target }, PipelineJson.Options, Token);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Token));
    }

    public async Task<T> GetAsync<T>(string path) =>
        (await http.GetFromJsonAsync<T>(Api(path), PipelineJson.Options, Token))!;

    /// <summary>Sends one tensor of floats; the answer's status, version and floats.</summary>
    public async Task<Answer> InferAsync(string model, float[] values, long[] shape, string? user = null, string? tag = null)
    {
        var body = new
        {
            inputs = new[] { new { name = "x", shape, datatype = "FP32", data = values } },
        };
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri(environment.Description.Edges[edge], $"v2/models/{model}/infer"))
        {
            Content = JsonContent.Create(body),
        };
        if (user is not null) request.Headers.Add("x-user-id", user);
        if (tag is not null) request.Headers.Add("x-route-tag", tag);
        using HttpResponseMessage answer = await http.SendAsync(request, Token);
        string text = await answer.Content.ReadAsStringAsync(Token);
        string? version = answer.Headers.TryGetValues("x-model-version", out IEnumerable<string>? versions) ? versions.Single() : null;
        return new Answer((int)answer.StatusCode, version, answer.IsSuccessStatusCode ? FirstOutput(text) : [], text);
    }

    /// <summary>Waits until the edge answers with this version.</summary>
    public async Task<Answer> ServesAsync(string model, string version, float[] values, long[] shape) =>
        await Until.FoundAsync<Answer>(
            "the edge serves the version",
            async () =>
            {
                Answer answer = await InferAsync(model, values, shape);
                return answer is { Status: 200 } && answer.Version == version ? answer : null;
            });

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await Cloud.DisposeAsync();
    }

    private Uri Api(string path) => new(environment.Description.Functions, "api/" + path);

    private static float[] FirstOutput(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return [.. document.RootElement.GetProperty("outputs")[0].GetProperty("data").EnumerateArray().Select(v => v.GetSingle())];
    }
}

/// <summary>What an edge answered.</summary>
public sealed record Answer(int Status, string? Version, float[] Values, string Text);
