using System.IO.Pipelines;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Pipeline.Bench.Serving;

/// <summary>
/// Kestrel with a handler that reads the body and answers a few bytes: what a request allocates before any code of ours.
/// </summary>
internal sealed class EmptyServer : IAsyncDisposable
{
    private static readonly byte[] Answer = new byte[128];

    private readonly WebApplication app;

    private EmptyServer(WebApplication app) => this.app = app;

    public Uri Address => new(app.Urls.First());

    public static async Task<EmptyServer> StartAsync(CancellationToken cancellationToken)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        WebApplication app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.Run(AnswerAsync);
        await app.StartAsync(cancellationToken);
        return new EmptyServer(app);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private static async Task AnswerAsync(HttpContext http)
    {
        PipeReader body = http.Request.BodyReader;
        ReadResult read;
        do
        {
            read = await body.ReadAsync();
            body.AdvanceTo(read.Buffer.End);
        }
        while (!read.IsCompleted);

        http.Response.ContentLength = Answer.Length;
        await http.Response.BodyWriter.WriteAsync(Answer);
    }
}
