using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Azure.Core;
using Pipeline.Core.Json;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Local.Commands;

namespace Pipeline.Local.Management;

/// <summary>
/// The management API of the functions. What it refuses comes as a <see cref="CommandException"/> with its detail.
/// </summary>
public sealed class ManagementClient : IDisposable
{
    private const int ProblemDetailMaximum = 4000;
    private const string ProblemType = "application/problem+json";

    private static readonly TimeSpan LocalPatience = TimeSpan.FromSeconds(30);

    // Functions that nobody asked for a while start first, and a retry must still fit in.
    private static readonly TimeSpan DeployedPatience = TimeSpan.FromSeconds(100);

    private readonly HttpClient http;

    /// <summary>Functions on this machine, which ask nobody to sign in.</summary>
    public ManagementClient(Uri functions)
        : this(functions, new SocketsHttpHandler(), LocalPatience)
    {
    }

    private ManagementClient(Uri functions, HttpMessageHandler handler, TimeSpan patience) => http = new HttpClient(handler)
    {
        BaseAddress = new Uri(functions, "api/"),
        Timeout = patience,
    };

    /// <summary>Functions in Azure.</summary>
    /// <param name="functions">Their base address.</param>
    /// <param name="credential">Who asks.</param>
    /// <param name="audience">The application that a token must be for.</param>
    public static ManagementClient SignedIn(Uri functions, TokenCredential credential, string audience)
    {
        // A redirect is a sign-in page for browsers; to follow it would take a page for an answer.
        var sockets = new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(15) };
        var bearer = new BearerHandler(credential, audience + "/.default", TimeProvider.System) { InnerHandler = sockets };
        var retries = new RetryHandler(TimeProvider.System) { InnerHandler = bearer };
        return new ManagementClient(functions, retries, DeployedPatience);
    }

    public Task<PromotionList> ListAsync(string? model, CancellationToken cancellationToken) =>
        GetAsync<PromotionList>(model is null ? "promotions" : $"promotions?model={model}", cancellationToken);

    /// <summary>One version; null when the functions have not heard of it.</summary>
    public async Task<PromotionView?> FindAsync(ModelVersion id, CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Get, VersionPath(id), null, cancellationToken);
        // A 404 of the platform, where no functions are deployed, says nothing about a version.
        return answer.StatusCode == HttpStatusCode.NotFound && answer.Content.Headers.ContentType?.MediaType == ProblemType
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
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Get, path, null, cancellationToken);
        return await ReadAsync<T>(answer, cancellationToken);
    }

    private async Task<CommandResult> PostAsync(
        string path, CommandRequest request, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(PipelineJson.Write(request));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Post, path, content, cancellationToken);
        return await ReadAsync<CommandResult>(answer, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = content };
        try
        {
            return await http.SendAsync(request, cancellationToken);
        }
        catch (TaskCanceledException e) when (e.InnerException is TimeoutException)
        {
            throw new CommandException($"The management API did not answer within {http.Timeout.TotalSeconds:0} s; try again.");
        }
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer, CancellationToken cancellationToken)
        where T : class
    {
        byte[] body = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
        if (!answer.IsSuccessStatusCode)
            throw new CommandException(string.Join(' ', new[] { AccessFaultOf(answer), DetailOf(answer, body) }.OfType<string>()));
        return PipelineJson.TryRead<T>(body, out string? fault)
            ?? throw new CommandException($"The management API answered something unknown: {fault}");
    }

    /// <summary>What to do when whoever asks may not; null when that is not why.</summary>
    private static string? AccessFaultOf(HttpResponseMessage answer) => answer.StatusCode switch
    {
        HttpStatusCode.Unauthorized =>
            "The management API does not know this account: sign in with 'azd auth login' to the environment's tenant, and have " +
            "the role Read or Operate of its application given to you.",
        HttpStatusCode.Forbidden when answer.RequestMessage?.Method == HttpMethod.Get =>
            "This account may not read here: it needs the role Read or Operate of the management API's application.",
        HttpStatusCode.Forbidden =>
            "This account may not change anything here: it needs the role Operate of the management API's application.",
        >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest =>
            "The management API asks for a sign-in page instead of a token: its sign-in must answer 401.",
        _ => null,
    };

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
