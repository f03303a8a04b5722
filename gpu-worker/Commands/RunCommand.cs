using System.CommandLine;
using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Pipeline.Cloud.Connections;
using Pipeline.Core.Naming;
using Pipeline.Engines;
using Pipeline.GpuWorker.Building;
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
        AddEngines(builder);
        builder.Services.AddSingleton<LaneGuard>().AddSingleton<ModelFetcher>().AddSingleton<EngineProducer>();
        builder.Services.AddSingleton<TimingCaches>().AddSingleton<BaselineFetcher>();
        builder.Services.AddSingleton<EngineMeasurer>().AddSingleton<BuildJob>();
        builder.Services.AddSingleton<RequestHandler>().AddSingleton<WorkerLoop>();
        using IHost host = builder.Build();

        // Before anything is taken: a message must not be spent on a machine that is not what its lane says.
        if (Refusal(host.Services) is { } refusal)
        {
            await Console.Error.WriteLineAsync(refusal);
            return 2;
        }

        string workDirectory = host.Services.GetRequiredService<IOptions<WorkerOptions>>().Value.WorkDirectory;
        IDisposable owned;
        try
        {
            owned = JobWorkspace.Own(workDirectory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(
                $"The folder '{workDirectory}' cannot be used; set Worker__WorkDirectory to one of this worker's own. {e.Message}");
            return 2;
        }

        using (owned) return await WorkAsync(host.Services.GetRequiredService<WorkerLoop>(), once, cancellationToken);
    }

    private static async Task<int> WorkAsync(WorkerLoop loop, bool once, CancellationToken cancellationToken)
    {
        try
        {
            await loop.RunAsync(once, cancellationToken);
            return 0;
        }
        catch (Exception e) when (e is ServiceBusException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"The build queue cannot be read: {e.Message}");
            return 1;
        }
    }

    /// <summary>What is wrong with the settings or with this machine for its lane; null when it may work.</summary>
    private static string? Refusal(IServiceProvider services)
    {
        try
        {
            WorkerOptions options = services.GetRequiredService<IOptions<WorkerOptions>>().Value;
            if (!Lane.TryParse(options.Lane, out Lane lane))
                return $"Worker__Lane '{options.Lane}' is not a lane (target/runtime).";
            CloudClients clients = services.GetRequiredService<CloudClients>();
            // Clients read their connection strings on first use.
            _ = (clients.Blobs, clients.Tables, clients.ServiceBus);
            return services.GetRequiredService<LaneGuard>().Refusal(lane);
        }
        catch (OptionsValidationException e)
        {
            return $"The worker's settings are wrong: {string.Join(' ', e.Failures)}";
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
        {
            return $"The worker's settings are wrong: {e.Message}";
        }
    }

    /// <summary>The backend of the lane's runtime, and builds with it in child processes.</summary>
    private static void AddEngines(HostApplicationBuilder builder)
    {
        builder.Services.AddSingleton(s =>
            EngineSettings.Read(builder.Configuration).WithThreads(s.GetRequiredService<IOptions<WorkerOptions>>().Value.Threads));
        builder.Services.AddSingleton(s => s.GetRequiredService<EngineSettings>().CreateBackend(Runtime(s)));
        builder.Services.AddSingleton(s => WorkerMachine.Look(
            s.GetRequiredService<IEngineBackend>(), s.GetRequiredService<EngineSettings>().DeviceOf(Runtime(s))));
        builder.Services.AddSingleton<IEngineBuilder>(s =>
            new ChildEngineBuilder(WorkerProgram.Self, Runtime(s), s.GetRequiredService<EngineSettings>()));
    }

    // The lane has been read before anything of this is made.
    private static string Runtime(IServiceProvider services) =>
        Lane.Parse(services.GetRequiredService<IOptions<WorkerOptions>>().Value.Lane).Runtime;
}
