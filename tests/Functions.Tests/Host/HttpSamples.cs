using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.Functions.Tests.Host;

/// <summary>HTTP functions that the host's tests call.</summary>
public sealed class HttpSamples(Journal journal, ScopedThing thing) : IDisposable
{
    private readonly ScopedThing _thing = thing;

    [Function("GetVersion")]
    public IActionResult GetVersion(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "models/{model}/versions/{version:int}")]
        HttpRequest request,
        string model, int version) =>
        version > 1000
            ? new NotFoundObjectResult(new ProblemDetails { Status = 404, Title = "No such version" })
            : new OkObjectResult(new Answer(model, version, request.Query["q"]));

    [Function("Echo")]
    public async Task<IResult> EchoAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", "put")] HttpRequest request, CancellationToken cancellation)
    {
        using var reader = new StreamReader(request.Body);
        return Results.Text(await reader.ReadToEndAsync(cancellation));
    }

    [Function("Throws")]
    public static IActionResult Throws(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request) =>
        throw new InvalidOperationException($"the secret of {request.Path}");

    [Function("Guarded")]
    public static IActionResult Guarded(
        [HttpTrigger(AuthorizationLevel.Function, "get")] HttpRequest request) => new OkObjectResult(request.Method);

    [Function("Context")]
    public IActionResult Context(
        [HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request, FunctionContext context) =>
        new OkObjectResult(new[]
        {
            context.FunctionDefinition.Name, context.InvocationId, context.FunctionId, context.TraceContext.TraceParent,
            context.InstanceServices.GetService(typeof(ScopedThing)) == _thing ? request.Method : "other scope",
        });

    [Function("Waits")]
    public async Task<IActionResult> WaitsAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request, CancellationToken cancellation)
    {
        journal.Note("started");
        try
        {
            await journal.Gate.WaitAsync(cancellation);
            return new OkObjectResult(request.Path.Value);
        }
        catch (OperationCanceledException)
        {
            journal.Note("cancelled");
            throw;
        }
    }

    public void Dispose() => journal.Note("function disposed");

    public sealed record Answer(string Model, int Version, string? Query);
}
