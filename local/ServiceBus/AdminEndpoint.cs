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
        IServer server = app.Services.GetRequiredService<IServer>();
        Port = new Uri(server.Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
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
        (int status, object body) = (context.Request.Path.Value, broker.Failure) switch
        {
            _ when context.Request.Method != "GET" => (405, Problem("Use GET.")),
            ("/health", null) => (200, new { status = "healthy" }),
            ("/entities", null) => (200, Entities(broker)),
            ("/health" or "/entities", { } failure) => (503, Problem(failure.Message)),
            _ => (404, Problem("Use /health or /entities.")),
        };
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(body, JsonSerializerOptions.Web, context.RequestAborted);
    }

    private static object Problem(string error) => new { status = "failed", error };

    private static object Entities(Broker broker) => broker.Count().Select(e => new
    {
        e.Path,
        e.Counts.Active,
        e.Counts.Locked,
        e.Counts.Scheduled,
        e.Counts.DeadLetter,
    });
}
