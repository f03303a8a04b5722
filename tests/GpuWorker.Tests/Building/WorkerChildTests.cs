using System.Diagnostics;
using Pipeline.Core.Builds;
using Pipeline.Core.Json;
using Pipeline.Engines;
using Pipeline.GpuWorker.Building;
using Pipeline.GpuWorker.Jobs;
using Pipeline.GpuWorker.Tests.Commands;
using Pipeline.Testing;

namespace Pipeline.GpuWorker.Tests.Building;

/// <summary>Builds in real child processes of the real program.</summary>
public sealed class WorkerChildTests(CloudFixture cloud)
{
    private static readonly ChildEngineBuilder Builder = new(
        WorkerProcess.Program, Workbench.Lane.Runtime, new EngineSettings(new(), new()));

    [Fact]
    public async Task Build_RealModel_GivesTheEngineThatAnInProcessBuildGives()
    {
        using var folder = new TemporaryFolder();
        var options = new EngineBuildOptions { ModelPath = TestModels.ClassifierPath, EnginePath = folder.PathOf("child.engine") };

        BuiltEngine built = await Builder.BuildAsync(options, Workbench.Cancel);
        string here = folder.PathOf("here.engine");
        await new InProcessEngineBuilder(Workbench.Backend).BuildAsync(options with { EnginePath = here }, Workbench.Cancel);

        Assert.Equal(await File.ReadAllBytesAsync(here, Workbench.Cancel), await File.ReadAllBytesAsync(built.Path, Workbench.Cancel));
    }

    [Fact]
    public async Task Job_BuiltInAChild_EndsInAReportAndInTypedFailures()
    {
        using var bench = new Workbench(cloud, builder: Builder);

        BuildReport report = await bench.BuildAsync(await bench.RequestAsync(TestModels.Tiny(bias: 91)));
        JobOutcome.Failed failed = await bench.FailAsync(await bench.RequestAsync(TestModels.Tiny(92, "Frobnicate")));

        Assert.False(report.Reused);
        Assert.Equal(BuildFailureKind.UnsupportedOperator, failed.Kind);
        Assert.Contains("Frobnicate", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Child_InputIsClosed_StopsAndSaysSo()
    {
        using var folder = new TemporaryFolder();
        var options = new EngineBuildOptions { ModelPath = TestModels.ClassifierPath, EnginePath = folder.PathOf("x.engine") };
        byte[] order = PipelineJson.Write(BuildOrder.Of(Workbench.Lane.Runtime, new EngineSettings(new(), new()), options));

        (int exitCode, string output) = await RunAsync(order);

        // Closed with the order: the build may have ended before it could be stopped.
        Assert.Equal(0, exitCode);
        Assert.Matches("\"end\":.\"kind\":\"(Stopped|Built)\"", output);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("nonsense")]
    public async Task Child_OrderIsNone_SaysSoAndExitsWith2(string order)
    {
        (int exitCode, string output) = await RunAsync(System.Text.Encoding.UTF8.GetBytes(order));

        Assert.True(exitCode == 2, output);
        Assert.Contains("No build order on standard input", output, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(byte[] order)
    {
        WorkerProgram program = WorkerProcess.Program.With(BuildChild.Command);
        using var process = Process.Start(new ProcessStartInfo(program.FileName, program.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await process.StandardInput.BaseStream.WriteAsync(order, Workbench.Cancel);
        process.StandardInput.Close();
        string output = await process.StandardOutput.ReadToEndAsync(Workbench.Cancel)
            + await process.StandardError.ReadToEndAsync(Workbench.Cancel);
        await process.WaitForExitAsync(Workbench.Cancel);
        return (process.ExitCode, output);
    }
}
