using System.Security.Cryptography;
using Pipeline.Core.Builds;
using Pipeline.Core.Json;
using Pipeline.Testing;

namespace Pipeline.GpuWorker.Tests.Commands;

public sealed class BuildCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Out => folder.PathOf("out");

    [Fact]
    public async Task Build_File_LeavesEngineManifestAndReports()
    {
        (int exitCode, string output) = await BuildAsync(TestModels.ClassifierPath);

        Assert.True(exitCode == 0, output);
        EngineManifest manifest = Read<EngineManifest>("manifest.json");
        BuildReport report = Read<BuildReport>("report.json");
        byte[] engine = await File.ReadAllBytesAsync(Path.Combine(Out, $"{manifest.EngineDigest}.engine"), Workbench.Cancel);
        Assert.Equal(manifest.EngineDigest, Convert.ToHexStringLower(SHA256.HashData(engine)));
        Assert.Equal((manifest.EngineKey, manifest.EngineDigest, false), (report.EngineKey, report.EngineDigest, report.Reused));
        Assert.Equal(["fetch", "build", "accuracy", "benchmark"], report.Stages.Select(s => s.Stage));
        Assert.Equal(("ch-ppocr-mobile-v2-0-cls-infer", Workbench.Lane), (report.Model, report.Lane));
        string text = await File.ReadAllTextAsync(Path.Combine(Out, "report.txt"), Workbench.Cancel);
        Assert.Contains($"on {Workbench.Lane}: PASSED", text, StringComparison.Ordinal);
        Assert.DoesNotContain("SIMULATED", text, StringComparison.Ordinal);
        Assert.All(text.TrimEnd().Split('\n'), line => Assert.Contains(line, output, StringComparison.Ordinal));
        Assert.Equal(4, Directory.GetFileSystemEntries(Out).Length);
    }

    [Fact]
    public async Task Build_Again_ReusesTheEngineUnlessToldOtherwiseOrItIsDamaged()
    {
        string model = Tiny(bias: 1);

        Assert.False(await ReusesAsync(model));
        Assert.True(await ReusesAsync(model));
        Assert.False(await ReusesAsync(model, "--rebuild"));
        Assert.False(await ReusesAsync(Tiny(bias: 2)));
        string engine = Path.Combine(Out, $"{Read<EngineManifest>("manifest.json").EngineDigest}.engine");
        await File.WriteAllTextAsync(engine, "damaged", Workbench.Cancel);
        Assert.False(await ReusesAsync(Tiny(bias: 2)));
    }

    [Fact]
    public async Task Build_Fails_SaysWhyAndLeavesNoReportOfAnEarlierBuild()
    {
        await ReusesAsync(Tiny(bias: 3));
        string bad = folder.PathOf("bad.onnx");
        await File.WriteAllBytesAsync(bad, TestModels.Tiny(1, "Frobnicate"), Workbench.Cancel);

        (int exitCode, string output) = await BuildAsync(bad);

        Assert.Equal(1, exitCode);
        Assert.Contains("Frobnicate", output, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Out, "report.json")));
        Assert.Empty(Directory.GetDirectories(Out));
    }

    [Theory]
    [InlineData("cuda")]
    [InlineData("trt-11")]
    [InlineData("trt-11.1.0.106")]
    [InlineData("ort-1.2.3-cpu")]
    [InlineData("fastest")]
    public async Task Build_RuntimeIsNotHere_ListsThoseThatAre(string runtime)
    {
        Assert.SkipWhen(runtime == "cuda" && Engines.Cuda.CudaDevices.Find().Problem is null, "This machine has CUDA.");

        (int exitCode, string output) = await BuildAsync(TestModels.ClassifierPath, "--runtime", runtime);

        Assert.Equal(1, exitCode);
        Assert.Contains($"--runtime '{runtime}'", output, StringComparison.Ordinal);
        Assert.Contains($"What works here: cpu ({Workbench.Lane.Runtime})", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Build_PolicyOfOtherLanes_JudgesByItsGates()
    {
        (int exitCode, string output) = await BuildAsync(TestModels.ClassifierPath, ["--policy", Policy(
            """{"schema":1,"lanes":["sm_75/trt-11.1.0.106"],"quorum":9,"gates":{"benchmark":{"duration":"20ms","p50Milliseconds":0.000001}}}""")]);

        Assert.True(exitCode == 1, output);
        Assert.Contains("above the limit", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Build_PolicyIsNone_SaysWhatIsWrong()
    {
        (int exitCode, string output) = await BuildAsync(TestModels.ClassifierPath, ["--policy", Policy("""{"schema":1,"x":1,"x":2}""")]);

        Assert.Equal(1, exitCode);
        Assert.Contains("promotion.json: ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Build_FolderCannotBeWritten_SaysSo()
    {
        await File.WriteAllTextAsync(Out, "a file", Workbench.Cancel);

        (int exitCode, string output) = await BuildAsync(TestModels.ClassifierPath);

        Assert.Equal(1, exitCode);
        Assert.Contains($"The folder '{Out}' cannot be written", output, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private async Task<bool> ReusesAsync(string model, params string[] more)
    {
        (int exitCode, string output) = await BuildAsync(model, more);
        Assert.True(exitCode == 0, output);
        return Read<BuildReport>("report.json").Reused;
    }

    private string Tiny(float bias)
    {
        string path = folder.PathOf($"tiny-{bias}.onnx");
        File.WriteAllBytes(path, TestModels.Tiny(bias));
        return path;
    }

    private T Read<T>(string name)
        where T : class =>
        PipelineJson.Read<T>(File.ReadAllBytes(Path.Combine(Out, name)));

    private Task<(int ExitCode, string Output)> BuildAsync(string model, params string[] more)
    {
        string[] policy = more.Contains("--policy")
            ? []
            : ["--policy", Policy("""{"schema":1,"gates":{"benchmark":{"warmUp":"1ms","duration":"20ms"}}}""")];
        return WorkerProcess.RunAsync(null, ["build", model, "--out", Out, .. policy, .. more]);
    }

    private string Policy(string json)
    {
        string path = folder.PathOf("promotion.json");
        File.WriteAllText(path, json);
        return path;
    }
}
