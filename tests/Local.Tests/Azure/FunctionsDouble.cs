using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pipeline.Core.Json;
using Pipeline.Core.Management;

namespace Pipeline.Local.Tests.Azure;

/// <summary>
/// A double for the deployed functions: an HTTP server that answers 401 to whoever brings no known token, and otherwise what the
/// test says, or else empty lists.
/// </summary>
internal sealed class FunctionsDouble : IAsyncDisposable
{
    private readonly WebApplication application;

    private FunctionsDouble(WebApplication application) => this.application = application;

    /// <summary>Tokens that are taken; each starts with this.</summary>
    public string TokenPrefix { get; set; } = "token-";

    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Answers in the test's stead; null for the usual one. The number counts requests from 1.</summary>
    public Func<HttpContext, int, IResult?> Answer { get; set; } = (_, _) => null;

    public Uri Address => new(application.Urls.Single());

    public static async Task<FunctionsDouble> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication application = builder.Build();
        var functions = new FunctionsDouble(application);
        application.Run(functions.AnswerAsync);
        await application.StartAsync(TestContext.Current.CancellationToken);
        return functions;
    }

    public ValueTask DisposeAsync() => application.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        Requests.Enqueue($"{context.Request.Method} {context.Request.Path} {context.Request.Headers.Authorization}");
        IResult? given = Answer(context, Requests.Count);
        bool known = context.Request.Headers.Authorization.ToString().StartsWith($"Bearer {TokenPrefix}", StringComparison.Ordinal);
        if (given is not null) await given.ExecuteAsync(context);
        else if (!known) context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        else await context.Response.Body.WriteAsync(UsualAnswer(context.Request));
    }

    private static byte[] UsualAnswer(HttpRequest request) => request.Path.Value!.Split('/')[^1] switch
    {
        "promotions" => PipelineJson.Write(new PromotionList { Promotions = [] }),
        "routes" => PipelineJson.Write(new RouteList { Targets = [] }),
        "fleet" => PipelineJson.Write(new FleetList { Edges = [] }),
        "history" => PipelineJson.Write(new HistoryList { Entries = [] }),
        _ => PipelineJson.Write(new CommandResult { Done = ["done"], Refused = [] }),
    };
}
