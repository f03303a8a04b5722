using Pipeline.Testing;

namespace Pipeline.GpuWorker.Tests.Commands;

/// <summary>Builds of the whole program on the native double, which is told to fail in ways that hardware fails.</summary>
public sealed class SimulatedBuildTests : IDisposable
{
    private const string Runtime = "trt-11.1.0.106-simulated";

    private readonly TemporaryFolder folder = new();

    private string Out => folder.PathOf("out");

    /// <summary>Faults of the double, and what the failure says.</summary>
    public static TheoryData<string, string> Faults => new()
    {
        { "crash", "The build process was ended by signal 6" },
        { "load-crash", "The build process was ended by signal 6" },
        { "corrupt-plan", "does not load" },
        { "out-of-memory", "out of memory" },
        { "unsupported-operator", "unsupported" },
    };

    [Fact]
    public async Task Build_OnTheDouble_SaysSimulatedFirst()
    {
        (_, string output) = await BuildAsync("build_seconds=0");

        string text = await File.ReadAllTextAsync(Path.Combine(Out, "report.txt"), Workbench.Cancel);
        Assert.StartsWith("SIMULATED", text, StringComparison.Ordinal);
        Assert.Contains("SIMULATED", output, StringComparison.Ordinal);
        Assert.Contains($"sm_90/{Runtime}", text, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Out, "timing.cache")));
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Build_NativeCodeFails_TheProgramLivesAndSaysHow(string fault, string said)
    {
        (int exitCode, string output) = await BuildAsync($"build_seconds=0;fault={fault}");

        Assert.True(exitCode == 1, output);
        Assert.Contains(said, output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Out, "*.engine", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Build_Fails_ShowsWhatItLogged()
    {
        (int exitCode, string output) = await BuildAsync("build_seconds=0;fault=build-failed");

        Assert.True(exitCode == 1, output);
        Assert.Contains("info: The double of TensorRT has read", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Build_AskedForLayers_LeavesTheirDescription()
    {
        (_, string output) = await BuildAsync("build_seconds=0", ("TensorRt__Build__DescribeLayers", "true"));

        Assert.True(File.Exists(Path.Combine(Out, "layers.json")), output);
    }

    [Fact]
    public async Task Build_StoppedWhileNativeCodeHangs_EndsItsChildAndLeavesNothing()
    {
        SkipWithoutDouble();
        await using ChildProcess worker = Start("fault=hang");
        await worker.WaitForLineAsync(l => l.StartsWith("build ", StringComparison.Ordinal), "the build has begun", Workbench.Cancel);

        worker.Terminate();
        int exitCode = await worker.WaitForExitAsync(Workbench.Cancel);

        Assert.True(exitCode == 1, worker.Output);
        Assert.Contains("Stopped.", worker.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Out));
    }

    public void Dispose() => folder.Dispose();

    private async Task<(int ExitCode, string Output)> BuildAsync(
        string program, params (string Name, string Value)[] settings)
    {
        SkipWithoutDouble();
        await using ChildProcess worker = Start(program, settings);
        return (await worker.WaitForExitAsync(Workbench.Cancel), worker.Output);
    }

    private ChildProcess Start(string program, params (string Name, string Value)[] settings)
    {
        string model = folder.PathOf("tiny.onnx");
        File.WriteAllBytes(model, TestModels.Tiny());
        string policy = folder.PathOf("promotion.json");
        File.WriteAllText(policy, """{"schema":1,"gates":{"benchmark":{"warmUp":"1ms","duration":"20ms"}}}""");
        return WorkerProcess.Start(
            new Dictionary<string, string?>(settings.Select(s => KeyValuePair.Create(s.Name, (string?)s.Value)))
            {
                ["PIPELINE_DOUBLE"] = program,
            },
            "build", model, "--policy", policy, "--runtime", Runtime, "--out", Out);
    }

    private static void SkipWithoutDouble() => Assert.SkipUnless(
        File.Exists(Repository.PathOf("artifacts", "native", "libpipeline_trt_double.so")),
        "The native double is not built: cmake -S native -B artifacts/native/build, then cmake --build artifacts/native/build.");
}
