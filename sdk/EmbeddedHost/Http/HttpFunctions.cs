using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.EmbeddedHost.Http;

/// <summary>Answers requests with functions.</summary>
internal sealed partial class HttpFunctions(
    FunctionInvoker invoker, IConfiguration configuration, ILogger<HttpFunctions> logger)
{
    /// <summary>The setting with the key that callers send; not set: open, on a loopback address only.</summary>
    public const string KeySetting = "FUNCTIONS_HOST_KEY";

    private const string KeyHeader = "x-functions-key";

    private readonly byte[]? _key =
        configuration[KeySetting] is { Length: > 0 } key ? SHA256.HashData(Encoding.UTF8.GetBytes(key)) : null;

    public void Map(IEndpointRouteBuilder endpoints, IEnumerable<FunctionDescriptor> functions)
    {
        // As the official host answers it: whoever starts the app waits on this.
        endpoints.MapGet("/admin/host/status", static () => Results.Json(new { state = "Running" }));
        foreach (FunctionDescriptor function in functions)
        {
            if (function.Trigger is not HttpTriggerBinding trigger) continue;
            if (trigger.Methods.IsEmpty) endpoints.Map(trigger.Route, Answer);
            else endpoints.MapMethods(trigger.Path, trigger.Methods, Answer);

            Task Answer(HttpContext http) => AnswerAsync(function, trigger.Level, http);
        }
    }

    private async Task AnswerAsync(FunctionDescriptor function, AuthorizationLevel level, HttpContext http)
    {
        if (level is not AuthorizationLevel.Anonymous && !HasKey(http.Request))
        {
            await ProblemAsync(http, StatusCodes.Status401Unauthorized, $"Send the key of this app in '{KeyHeader}'.");
            return;
        }

        try
        {
            object? result = await invoker.InvokeAsync(
                new Invocation(function, http, ActivityKind.Internal, http.RequestServices), http.RequestAborted);
            if (result is IActionResult action)
                await action.ExecuteResultAsync(new ActionContext(http, http.GetRouteData(), new ActionDescriptor()));
            else if (result is IResult answer)
                await answer.ExecuteAsync(http);
        }
        catch (Exception e)
        {
            if (http.RequestAborted.IsCancellationRequested) return;
            Log.Unanswered(logger, e, function.Name);
            if (http.Response.HasStarted) http.Abort();
            else await ProblemAsync(http, e);
        }
    }

    private bool HasKey(HttpRequest request) => _key is null || CryptographicOperations.FixedTimeEquals(
        _key, SHA256.HashData(Encoding.UTF8.GetBytes(request.Headers[KeyHeader].ToString())));

    private static Task ProblemAsync(HttpContext http, Exception e) => e switch
    {
        BadHttpRequestException bad => ProblemAsync(http, bad.StatusCode, "The request could not be read."),
        OperationCanceledException => ProblemAsync(http, 503, "The app is stopping; try again."),
        _ => ProblemAsync(http, 500, "The request failed; the app's log says why."),
    };

    private static Task ProblemAsync(HttpContext http, int status, string detail)
    {
        http.Response.Clear();
        return Results.Problem(
            detail, statusCode: status, title: AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status),
            extensions: [new("traceId", Activity.Current?.TraceId.ToString())]).ExecuteAsync(http);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Debug, "The answer of '{Function}' became problem details.")]
        public static partial void Unanswered(ILogger logger, Exception failure, string function);
    }
}
