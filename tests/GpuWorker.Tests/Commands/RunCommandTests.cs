using Azure.Messaging.ServiceBus;
using Pipeline.Cloud.Promotions;
using Pipeline.Core.Builds;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;
using Pipeline.GpuWorker.Tests.Queue;
using Pipeline.Testing;

namespace Pipeline.GpuWorker.Tests.Commands;

public sealed class RunCommandTests(CloudFixture cloud)
{
    /// <summary>Settings over working ones, and what the refusal must say.</summary>
    public static TheoryData<string, string?, string> WrongSettings => new()
    {
        { "Worker__Lane", "sm_75/trt-11.1.0.106", "'sm_75/trt-11.1.0.106'" },
        { "Worker__Lane", "nonsense", "'nonsense' is not a lane" },
        { "Worker__Lane", null, "Lane" },
        { "Worker__Threads", "many", "Threads" },
        { "Pipeline__Storage", null, "No storage account is configured" },
        { "Pipeline__ServiceBus", null, "No Service Bus is configured" },
        { "Pipeline__ServiceBus", "nonsense", "settings are wrong" },
    };

    [Theory]
    [MemberData(nameof(WrongSettings))]
    public async Task Run_SettingIsWrong_SaysSoInASentenceAndExitsWith2(string name, string? value, string said)
    {
        using var folder = new TemporaryFolder();
        Dictionary<string, string?> settings = Settings(folder, "Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=a;SharedAccessKey=b");
        settings[name] = value;

        (int exitCode, string output) = await WorkerProcess.RunAsync(settings, "run");

        Assert.True(exitCode == 2, output);
        Assert.Contains(said, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_OnceOnAnEmptyQueue_ExitsWith0()
    {
        using var folder = new TemporaryFolder();
        await using Broker broker = await Broker.StartAsync(cloud);
        Dictionary<string, string?> settings = Settings(folder, broker.Options.ServiceBus!);
        settings["Worker__EmptyWait"] = "00:00:00.5";

        (int exitCode, string output) = await WorkerProcess.RunAsync(settings, "run", "--once");

        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public async Task Run_TerminatedWithinAJob_ReturnsTheMessageAndExitsWith0()
    {
        using var folder = new TemporaryFolder();
        await using Broker broker = await Broker.StartAsync(cloud);
        using var bench = new Workbench(cloud);
        BuildRequest request = await bench.RequestAsync(TestModels.Tiny(bias: 81));
        var endless = new BenchmarkLimits { Duration = TimeSpan.FromHours(1) };
        await broker.SendAsync(request with { Policy = request.Policy with { Benchmark = endless } });
        await using ChildProcess worker = WorkerProcess.Start(Settings(folder, broker.Options.ServiceBus!), "run");
        var lanes = new LaneStore(cloud.Clients);
        await Eventually.Async(
            async c => (await lanes.ListProgressAsync(new ModelVersion(request.Model, request.Version), c))
                .Values.Any(p => p.Stage == "benchmark"),
            "the job is in its benchmark",
            Workbench.Cancel);

        worker.Terminate();
        int exitCode = await worker.WaitForExitAsync(Workbench.Cancel);

        Assert.True(exitCode == 0, worker.Output);
        await using ServiceBusReceiver receiver = broker.Receiver();
        ServiceBusReceivedMessage message = await Broker.ReceiveAsync(receiver);
        Assert.Equal(2, message.DeliveryCount);
        Assert.Empty(Directory.GetFileSystemEntries(folder.PathOf("jobs")));
    }

    private Dictionary<string, string?> Settings(TemporaryFolder folder, string serviceBus) => new()
    {
        ["Worker__Lane"] = Workbench.Lane.ToString(),
        ["Worker__WorkDirectory"] = folder.Root,
        ["Pipeline__Storage"] = cloud.Azurite.ConnectionString,
        ["Pipeline__ServiceBus"] = serviceBus,
    };
}
