using Pipeline.Cloud.Engines;
using Pipeline.Core.Builds;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Engines.Simulation;
using Pipeline.Local.Environments;
using Pipeline.Testing;

namespace Pipeline.Stories.Tests;

/// <summary>Several targets on a machine without a GPU: real builds, gates, routes and edges, and SIMULATED wherever one looks.</summary>
public sealed class SimulatedGpuStories(SimulatedGpuFixture simulated) : IClassFixture<SimulatedGpuFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Lane Plain { get; } = new(SimulatedGpuFixture.Plain, SimulatedRuntime.Name);

    private static Lane Product { get; } = new(SimulatedGpuFixture.Product, SimulatedRuntime.Name);

    [Fact]
    public async Task OneUpload_GoesLiveOnEveryTarget_AndEverythingSaysSimulated()
    {
        await using PipelineClient client = Client();
        var id = new ModelVersion("simulated-live", "1");
        await client.PushAsync(id, TinyModels.Scale(2), Policies.With(
            $$""" "rollout": { "steps": [] }, "targets": [ "{{client.Lane.Target}}", "{{Plain.Target}}", "{{Product.Target}}" ] """));
        PromotionView view = await client.ReachesAsync(id, PromotionState.Live);

        Assert.Equal([client.Lane, Plain, Product], view.Lanes.Select(l => l.Record.Lane).Order());
        Assert.All(view.Lanes, l => Assert.Equal(LanePhase.Passed, l.Record.Phase));
        Assert.Equal(3, view.Lanes.Select(l => l.Record.EngineDigest).Distinct().Count());
        for (int edge = 0; edge < 3; edge++)
        {
            await using PipelineClient asked = Client(edge);
            Answer answer = await asked.ServesAsync(id.Model, "1", [1, 2, 3, 4], [1, 4]);
            Assert.Equal([2, 4, 6, 8], answer.Values);
        }

        var reports = new ReportStore(client.Cloud);
        foreach (LaneRecord record in view.Lanes.Select(l => l.Record))
        {
            BuildReport report = (await reports.ReadAsync(id, record.Lane, record.ReportSha256!, Token))!;
            Assert.True(report.Accuracy.Outputs[0].CosineMinimum > 0.999);
            Assert.Equal(record.Lane.IsSimulated, report.Worker.TryGetValue("simulated", out string? said));
            if (!record.Lane.IsSimulated) continue;
            Assert.StartsWith("SIMULATED", said, StringComparison.Ordinal);
            Assert.Contains(report.Log, l => l.Contains("SIMULATED", StringComparison.Ordinal));
            Assert.Equal(record.Lane == Plain ? "Simulated GPU" : "Simulated h200", report.Worker["gpu"]);
            Assert.True(report.Benchmark.DeviceMemoryBytes > 0);
        }

        await SaysAsync($"{Plain} SIMULATED engine built", "status", id.Model, "1");
        await SaysAsync($"{Product.Target} SIMULATED", "status");
        await SaysAsync($"Lane {Plain} SIMULATED: Live", "explain", id.Model, "1");
        await SaysAsync($"{SimulatedRuntime.Name} SIMULATED", "routes");
        await SaysAsync($"{Product} SIMULATED", "fleet");
        await SaysAsync("1 SIMULATED", "history", Plain.Target);
        await SaysAsync($"route {Product.Target} SIMULATED revision", "status", id.Model, "1");
    }

    [Fact]
    public async Task OutOfMemoryAndACrash_FailTheirLanes_WhileTheOthersGoLiveAndTheWorkersLive()
    {
        await using PipelineClient client = Client();
        LocalEnvironment environment = simulated.Environment;
        var id = new ModelVersion("simulated-faults", "1");
        await client.PushAsync(id, TinyModels.Scale(3), Policies.With(""" "rollout": { "steps": [] }, "quorum": 3 """));
        await client.ReachesAsync(id, PromotionState.Live);

        PromotionView view = await Until.FoundAsync<PromotionView>(
            "every lane is done",
            async () => await client.FindAsync(id) is { } now && now.Lanes.All(l => l.Record.Phase != LanePhase.Queued) ? now : null);

        LaneRecord Of(string target) => view.Lanes.Single(l => l.Record.Lane.Target == target).Record;
        Assert.Equal(3, view.Lanes.Count(l => l.Record.Phase == LanePhase.Passed));
        LaneFailure memory = Of(SimulatedGpuFixture.OutOfMemory).Failure!;
        LaneFailure crash = Of(SimulatedGpuFixture.Crashing).Failure!;
        Assert.Equal((BuildFailureKind.OutOfMemory, BuildFailureKind.BuildFailed), (memory.Kind, crash.Kind));
        Assert.Contains("memory", memory.Message, StringComparison.Ordinal);
        Assert.Contains("The build process was ended by signal 6", crash.Message, StringComparison.Ordinal);
        foreach (SimulatedGpu gpu in environment.Description.SimulatedGpus)
            Assert.Equal(environment.Description.Processes[gpu.Worker], environment.Running[gpu.Worker]);

        await using PipelineClient edge = Client(2);
        Answer answer = await edge.ServesAsync(id.Model, "1", [1, 2, 3, 4], [1, 4]);
        Assert.Equal([3, 6, 9, 12], answer.Values);
        await using PipelineClient without = Client(4);
        // No model of its target has a route yet.
        Assert.Equal(503, (await without.InferAsync(id.Model, [1, 2, 3, 4], [1, 4])).Status);
    }

    [Fact]
    public async Task SimulatedEngine_IsTakenByItsOwnLaneAlone()
    {
        await using PipelineClient real = Client();
        await using PipelineClient edge = Client(1);
        var id = new ModelVersion("simulated-alone", "1");
        await real.PushAsync(id, TinyModels.Scale(4), Policies.With($$""" "rollout": { "steps": [] }, "lanes": [ "{{Plain}}" ] """));
        PromotionView view = await real.ReachesAsync(id, PromotionState.Live);
        await edge.ServesAsync(id.Model, "1", [1, 2, 3, 4], [1, 4]);

        Assert.Equal([Plain.Runtime], view.Routes.Single().Route.Stable!.Engines.Keys);
        Assert.Equal(404, (await real.InferAsync(id.Model, [1, 2, 3, 4], [1, 4])).Status);

        // The lane is the name alone: with every other setting of the edge that serves, the real runtime's name starts nothing.
        SimulatedGpu gpu = simulated.Environment.Description.SimulatedGpus[0];
        await using ChildProcess posing = ChildProcess.Start(RepositoryLayout.Program("Edge"), [], new Dictionary<string, string?>
        {
            ["Pipeline__Storage"] = simulated.Environment.Description.Storage,
            ["Edge__TrustedKeys"] = Path.Combine(simulated.Environment.Description.DataDirectory, "keys", "trusted.pem"),
            ["Edge__Urls"] = "http://127.0.0.1:0",
            ["Edge__Target"] = gpu.Lane.Target,
            ["Edge__Runtime"] = "trt-11.1.0.106",
            ["TensorRt__LibraryPath"] = RepositoryLayout.PathOf("artifacts", "native", "libpipeline_trt_double.so"),
            [SimulatedRuntime.ProgramVariable] = SimulatedRuntime.ProgramFor(gpu.Lane.Target),
        });
        Assert.Equal(2, await posing.WaitForExitAsync(Token));
        Assert.Contains($"needs runtime 'trt-11.1.0.106'; here is '{SimulatedRuntime.Name}'", posing.Output, StringComparison.Ordinal);
    }

    private PipelineClient Client(int edge = 0)
    {
        Assert.SkipWhen(SimulatedGpuFixture.Missing is not null, SimulatedGpuFixture.Missing ?? "");
        return new PipelineClient(simulated.Environment, edge);
    }

    private async Task SaysAsync(string expected, params string[] command)
    {
        await using ChildProcess run = ChildProcess.Start(
            RepositoryLayout.Program("Local"), [.. command, "--data", simulated.Environment.Description.DataDirectory]);
        Assert.Equal(0, await run.WaitForExitAsync(Token));
        Assert.Contains(expected, run.Output, StringComparison.Ordinal);
    }
}
