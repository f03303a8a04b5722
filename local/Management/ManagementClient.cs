using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Pipeline.Core.Json;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Local.Commands;

namespace Pipeline.Local.Management;

/// <summary>
/// The management API of the functions. What it refuses comes as a <see cref="CommandException"/> with its detail.
/// </summary>
public sealed class ManagementClient(Uri functions) : IDisposable
{
    private const int ProblemDetailMaximum = 4000;

    private readonly HttpClient http = new()
    {
        BaseAddress = new Uri(functions, "api/"),
        Timeout = TimeSpan.FromSeconds(30),
    };

    public Task<PromotionList> ListAsync(string? model, CancellationToken cancellationToken) =>
        GetAsync<PromotionList>(model is null ? "promotions" : $"promotions?model={model}", cancellationToken);

    /// <summary>One version; null when the functions have not heard of it.</summary>
    public async Task<PromotionView?> FindAsync(ModelVersion id, CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await http.GetAsync(VersionPath(id), cancellationToken);
        return answer.StatusCode == HttpStatusCode.NotFound
            ? null
            : await ReadAsync<PromotionView>(answer, cancellationToken);
    }

    /// <exception cref="CommandException">There is no such version.</exception>
    public Task<PromotionView> GetAsync(ModelVersion id, CancellationToken cancellationToken) =>
        GetAsync<PromotionView>(VersionPath(id), cancellationToken);

    public Task<RouteList> RoutesAsync(CancellationToken cancellationToken) =>
        GetAsync<RouteList>("routes", cancellationToken);

    public Task<HistoryList> HistoryAsync(string target, CancellationToken cancellationToken) =>
        GetAsync<HistoryList>($"routes/{target}/history", cancellationToken);

    public Task<FleetList> FleetAsync(CancellationToken cancellationToken) =>
        GetAsync<FleetList>("fleet", cancellationToken);

    /// <param name="id">The version.</param>
    /// <param name="verb"><c>approve</c>, <c>cancel</c> or <c>retry</c>.</param>
    /// <param name="request">Why.</param>
    public Task<CommandResult> ChangeAsync(
        ModelVersion id, string verb, CommandRequest request, CancellationToken cancellationToken) =>
        PostAsync($"{VersionPath(id)}/{verb}", request, cancellationToken);

    /// <param name="model">The model.</param>
    /// <param name="verb"><c>rollback</c>, <c>withdraw</c>, <c>pin</c>, <c>unpin</c>, <c>pause</c> or <c>resume</c>.</param>
    /// <param name="request">Why, and on which target.</param>
    public Task<CommandResult> ChangeAsync(
        string model, string verb, CommandRequest request, CancellationToken cancellationToken) =>
        PostAsync($"models/{model}/{verb}", request, cancellationToken);

    public void Dispose() => http.Dispose();

    private static string VersionPath(ModelVersion id) => $"models/{id.Model}/versions/{id.Version}";

    private async Task<T> GetAsync<T>(string path, CancellationToken cancellationToken)
        where T : class
    {
        using HttpResponseMessage answer = await http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        return await ReadAsync<T>(answer, cancellationToken);
    }

    private async Task<CommandResult> PostAsync(
        string path, CommandRequest request, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(PipelineJson.Write(request));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpResponseMessage answer = await http.PostAsync(
            new Uri(path, UriKind.Relative), content, cancellationToken);
        return await ReadAsync<CommandResult>(answer, cancellationToken);
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer, CancellationToken cancellationToken)
        where T : class
    {
        byte[] body = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
        if (!answer.IsSuccessStatusCode) throw new CommandException(DetailOf(answer, body));
        return PipelineJson.TryRead<T>(body, out string? fault)
            ?? throw new CommandException($"The management API answered something unknown: {fault}");
    }

    private static string DetailOf(HttpResponseMessage answer, byte[] body)
    {
        string status = $"The management API answered {(int)answer.StatusCode} {answer.ReasonPhrase}.";
        try
        {
            using JsonDocument problem = JsonDocument.Parse(body);
            return problem.RootElement.ValueKind == JsonValueKind.Object &&
                problem.RootElement.TryGetProperty("detail", out JsonElement detail) &&
                detail.GetString() is { Length: > 0 and <= ProblemDetailMaximum } text
                    ? text
                    : status;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return status;
        }
    }
}
