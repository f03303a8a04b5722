using Pipeline.Core.Builds;
using Pipeline.GpuWorker.Building;
using Pipeline.GpuWorker.Jobs;
using Pipeline.Testing;

namespace Pipeline.GpuWorker.Tests.Building;

/// <summary>What becomes of a job whose build's child process, a shell script here, does not end well.</summary>
public sealed class ChildJobTests(CloudFixture cloud)
{
    [Fact]
    public async Task Job_ChildHangsBeyondTheDeadline_IsStoppedAndItsProgressWasSeen()
    {
        var time = new TestTimeProvider();
        using var bench = Bench("""echo '{"progress":{"stage":"tactics","fraction":0.5}}'; exec sleep 1000""", time);
        BuildRequest request = await bench.RequestAsync(TestModels.Tiny(bias: 111));
        request = request with { Policy = request.Policy with { BuildDeadline = TimeSpan.FromMinutes(5) } };

        JobOutcome outcome = await bench.Job.RunAsync(request, new Advancing(time), Workbench.Cancel);

        Assert.Equal(BuildFailureKind.DeadlineExceeded, Assert.IsType<JobOutcome.Failed>(outcome).Kind);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(bench.Root, "jobs")));
    }

    [Fact]
    public async Task Job_ChildCrashes_FailsAndTheNextOneGoesOn()
    {
        using var bench = Bench("kill -SEGV $$");
        using var sound = new Workbench(cloud);
        BuildRequest request = await bench.RequestAsync(TestModels.Tiny(bias: 112));

        JobOutcome.Failed failed = await bench.FailAsync(request);

        Assert.Equal(BuildFailureKind.BuildFailed, failed.Kind);
        Assert.Contains("signal 11", failed.Message, StringComparison.Ordinal);
        Assert.False((await sound.BuildAsync(request)).Reused);
    }

    [Fact]
    public async Task Job_ChildIsOutOfDeviceMemory_FailsByThatName()
    {
        using var bench = Bench("""echo '{"end":{"kind":"Failed","error":"OutOfMemory","message":"The GPU is out of memory."}}'""");

        JobOutcome.Failed failed = await bench.FailAsync(await bench.RequestAsync(TestModels.Tiny(bias: 113)));

        Assert.Equal((BuildFailureKind.OutOfMemory, "The GPU is out of memory."), (failed.Kind, failed.Message));
    }

    private Workbench Bench(string script, TimeProvider? time = null)
    {
        var program = new WorkerProgram("sh", ["-c", script]);
        var builder = new ChildEngineBuilder(program, Workbench.Lane.Runtime, new EngineSettings(new(), new()))
        {
            StopPatience = TimeSpan.FromMilliseconds(200),
        };
        return new Workbench(cloud, time: time, builder: builder);
    }

    private sealed class Advancing(TestTimeProvider time) : IProgress<JobProgress>
    {
        public void Report(JobProgress value)
        {
            if (value is { Stage: "build", Fraction: 0.5 }) time.Advance(TimeSpan.FromMinutes(6));
        }
    }
}
