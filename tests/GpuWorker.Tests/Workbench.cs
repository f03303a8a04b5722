using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Pipeline.Cloud.Connections;
using Pipeline.Cloud.Engines;
using Pipeline.Cloud.Messages;
using Pipeline.Cloud.Promotions;
using Pipeline.Cloud.Uploads;
using Pipeline.Core.Builds;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;
using Pipeline.Engines;
using Pipeline.Engines.OnnxRuntime;
using Pipeline.GpuWorker.Building;
using Pipeline.GpuWorker.Jobs;
using Pipeline.GpuWorker.Queue;
using Pipeline.Testing;

namespace Pipeline.GpuWorker.Tests;

/// <summary>A worker of this machine's lane on the shared storage, put together as the program does it.</summary>
internal sealed class Workbench : IDisposable
{
    public static readonly IEngineBackend Backend = new OnnxRuntimeBackend(new OnnxRuntimeOptions { IntraOpThreads = 1 });

    public static readonly Lane Lane = new(Backend.Probe().Targets[0], Backend.Probe().Runtime!);

    /// <summary>As short as a benchmark may be.</summary>
    public static readonly PromotionPolicy Policy = new()
    {
        Accuracy = new AccuracyLimits { SeededSamples = 2 },
        Benchmark = new BenchmarkLimits { WarmUp = TimeSpan.Zero, Duration = TimeSpan.FromMilliseconds(20) },
    };

    private readonly TemporaryFolder folder = new();
    private readonly CloudFixture cloud;

    /// <param name="cloud">The storage.</param>
    /// <param name="backend">Default: <see cref="Backend"/>.</param>
    /// <param name="time">Default: the system's.</param>
    /// <param name="messages">Clients with a Service Bus, for <see cref="Loop"/>.</param>
    /// <param name="builder">Default: in this process.</param>
    public Workbench(
        CloudFixture cloud, IEngineBackend? backend = null, TimeProvider? time = null, CloudClients? messages = null,
        IEngineBuilder? builder = null)
    {
        this.cloud = cloud;
        backend ??= Backend;
        time ??= TimeProvider.System;
        IOptions<WorkerOptions> options = Options.Create(new WorkerOptions
        {
            Lane = Lane.ToString(),
            Name = "worker-under-test",
            WorkDirectory = folder.Root,
            RetryPause = TimeSpan.Zero,
        });
        WorkerMachine machine = WorkerMachine.Look(backend, device: 0);
        var guard = new LaneGuard(machine, options);
        var engines = new EngineStore(cloud.Clients);
        var timings = new TimingCaches(new TimingCacheStore(cloud.Clients));
        var producer = new EngineProducer(
            backend, machine, builder ?? new InProcessEngineBuilder(backend), engines, timings, options, time);
        Job = new BuildJob(
            new ModelFetcher(Uploads, options), producer, new BaselineFetcher(engines), new EngineMeasurer(backend), guard, machine,
            options, time);
        messages ??= cloud.Clients;
        var handler = new RequestHandler(
            Job, new LaneStore(cloud.Clients), new ReportStore(cloud.Clients), new EventPublisher(messages), options, time,
            NullLogger<RequestHandler>.Instance);
        Loop = new WorkerLoop(messages, handler, options, time, NullLogger<WorkerLoop>.Instance);
    }

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public string Root => folder.Root;

    public UploadStore Uploads => new(cloud.Clients);

    public BuildJob Job { get; }

    public WorkerLoop Loop { get; }

    public Task<JobOutcome> RunAsync(BuildRequest request) =>
        Job.RunAsync(request, new Progress<JobProgress>(), Cancel);

    public async Task<BuildReport> BuildAsync(BuildRequest request) =>
        Assert.IsType<JobOutcome.Built>(await RunAsync(request)).Report;

    public async Task<JobOutcome.Failed> FailAsync(BuildRequest request) =>
        Assert.IsType<JobOutcome.Failed>(await RunAsync(request));

    /// <summary>Uploads a version and freezes it, as acceptance does.</summary>
    public async Task<BuildRequest> RequestAsync(byte[] model, params byte[][] golden)
    {
        var id = new ModelVersion(cloud.NewName("model"), "1");
        var files = new List<SourceFile>();
        for (int i = 0; i < golden.Length; i++)
            files.Add(await UploadAsync($"{UploadPath.Folder(id)}golden/{i}.npz", golden[i]));
        return new BuildRequest
        {
            Schema = BuildRequest.CurrentSchema,
            Model = id.Model,
            Version = id.Version,
            AcceptanceNumber = 1,
            Lane = Lane,
            Attempt = 1,
            Source = await UploadAsync(UploadPath.Model(id), model),
            Golden = [.. files],
            Policy = Policy,
        };
    }

    /// <summary>Writes a file, over another one if need be.</summary>
    public async Task<SourceFile> UploadAsync(string path, byte[] content)
    {
        using var stream = new MemoryStream(content);
        UploadedFile? uploaded = await Uploads.UploadAsync(path, stream, overwrite: true, Cancel);
        return await Uploads.FreezeAsync(uploaded!, Cancel);
    }

    public void Dispose() => folder.Dispose();
}
