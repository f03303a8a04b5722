using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Pipeline.Local.ServiceBus;

/// <summary>
/// GET /health: 200, or 503 once the journal cannot be written. GET /entities: an array of
/// <c>{"path", "active", "locked", "scheduled", "deadLetter"}</c>.
/// </summary>
internal sealed class AdminEndpoint : IAsyncDisposable
{
    private readonly WebApplication _app;

    private AdminEndpoint(WebApplication app)
    {
        _app = app;
        string address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Port = new Uri(address).Port;
    }

    public int Port { get; }

    public static async Task<AdminEndpoint> StartAsync(Broker broker, int port, CancellationToken cancellationToken)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls($"http://127.0.0.1:{port}");
        WebApplication app = builder.Build();
        app.Run(context => AnswerAsync(broker, context));
        try
        {
            await app.StartAsync(cancellationToken);
            return new AdminEndpoint(app);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static Task AnswerAsync(Broker broker, HttpContext context)
    {
        (int status, object body) = (context.Request.Method, context.Request.Path.Value) switch
        {
            ("GET", "/health") when broker.Failure is { } failure => (503, new { status = "failed", error = failure.Message }),
            ("GET", "/health") => (200, new { status = "healthy" }),
            ("GET", "/entities") when broker.Failure is null => (200, Entities(broker)),
            ("GET", "/entities") => (503, new { status = "failed", error = "See GET /health." }),
            _ => (404, (object)new { status = "not found", error = "Use GET /health or GET /entities." }),
        };
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(body, JsonSerializerOptions.Web, context.RequestAborted);
    }

    private static object Entities(Broker broker) => broker.Count().Select(e => new
    {
        e.Path,
        e.Counts.Active,
        e.Counts.Locked,
        e.Counts.Scheduled,
        e.Counts.DeadLetter,
    });
}
