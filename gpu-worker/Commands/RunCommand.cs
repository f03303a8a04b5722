using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Pipeline.Cloud.Connections;
using Pipeline.Core.Naming;
using Pipeline.Engines;
using Pipeline.Engines.OnnxRuntime;
using Pipeline.GpuWorker.Jobs;
using Pipeline.GpuWorker.Queue;

namespace Pipeline.GpuWorker.Commands;

/// <summary>Works through the lane's queue: for ever, or one message a run as a job that the queue's length starts.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var once = new Option<bool>("--once") { Description = "Handle one message, or none, and exit." };
        var command = new Command("run", "Take build requests from the lane's queue. Settings: Worker__*, Pipeline__*.") { once };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(once), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(bool once, CancellationToken cancellationToken)
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.AddSimpleConsole(o => o.SingleLine = true);
        builder.Services.AddPipelineCloud(builder.Configuration).AddPipelineMessages();
        builder.Services.AddOptions<WorkerOptions>()
            .Bind(builder.Configuration.GetSection("Worker")).ValidateDataAnnotations();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IEngineBackend>(s => Backend(s.GetRequiredService<IOptions<WorkerOptions>>().Value));
        builder.Services.AddSingleton<LaneGuard>().AddSingleton<ModelFetcher>().AddSingleton<EngineProducer>();
        builder.Services.AddSingleton<EngineMeasurer>().AddSingleton<BuildJob>();
        builder.Services.AddSingleton<RequestHandler>().AddSingleton<WorkerLoop>();
        using IHost host = builder.Build();

        WorkerOptions options;
        try
        {
            options = host.Services.GetRequiredService<IOptions<WorkerOptions>>().Value;
        }
        catch (OptionsValidationException e)
        {
            await Console.Error.WriteLineAsync($"The worker's settings are wrong: {string.Join(' ', e.Failures)}");
            return 2;
        }

        // Before anything is taken: a message must not be spent on a machine that is not what its lane says.
        string? refusal = Lane.TryParse(options.Lane, out Lane lane)
            ? host.Services.GetRequiredService<LaneGuard>().Refusal(lane)
            : $"Worker__Lane '{options.Lane}' is not a lane (target/runtime).";
        if (refusal is not null)
        {
            await Console.Error.WriteLineAsync(refusal);
            return 2;
        }

        JobWorkspace.RemoveLeftovers(options.WorkDirectory);
        await host.Services.GetRequiredService<WorkerLoop>().RunAsync(once, cancellationToken);
        return 0;
    }

    internal static OnnxRuntimeBackend Backend(WorkerOptions options) =>
        new(new OnnxRuntimeOptions { LibraryPath = options.OnnxRuntimeLibrary, IntraOpThreads = options.Threads });
}
