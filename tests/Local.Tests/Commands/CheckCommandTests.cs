using System.Text.Json;
using Pipeline.Local.Commands;
using Pipeline.Onnx;
using Pipeline.Onnx.Npz;
using Pipeline.Onnx.Writing;
using Pipeline.Testing;

namespace Pipeline.Local.Tests.Commands;

public sealed class CheckCommandTests : IDisposable
{
    private static readonly string Model = Repository.OcrModel("ch_PP-OCRv4_rec_infer.onnx");

    private readonly TemporaryFolder folder = new();

    [Fact]
    public async Task Check_DemosModelAndPolicy_TellsFacts()
    {
        CommandRun run = await CommandRun.StartAsync(
            "check", Model, "--policy", Repository.PathOf("local", "Demo", "promotion.json"), "--json");

        Assert.Equal((ExitCodes.Ok, ""), (run.ExitCode, run.Error));
        using JsonDocument document = JsonDocument.Parse(run.Output);
        Assert.Equal(0, document.RootElement.GetProperty("errors").GetArrayLength());
        Assert.Equal(
            "x", document.RootElement.GetProperty("model").GetProperty("inputs")[0].GetProperty("name").GetString());
        Assert.Equal(new FileInfo(Model).Length, document.RootElement.GetProperty("sizeBytes").GetInt64());
    }

    [Fact]
    public async Task Check_TruncatedModel_FailsWithOneError()
    {
        string file = folder.PathOf("model.onnx");
        await File.WriteAllBytesAsync(
            file, (await File.ReadAllBytesAsync(Model, TestContext.Current.CancellationToken))[..100_000],
            TestContext.Current.CancellationToken);

        CommandRun run = await CommandRun.StartAsync("check", file);

        Assert.Equal(ExitCodes.Failed, run.ExitCode);
        Assert.StartsWith("error: model.onnx: ", Assert.Single(Lines(run.Error)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_NamesThatATerminalWouldObey_ArePlainText()
    {
        const string Name = "x\u001b]0;owned\u0007\u009b2J";
        OnnxGraphWriter graph = new OnnxGraphWriter("add").Input(Name, OnnxElementType.Float, 4)
            .Output("y", OnnxElementType.Float, 4).Node("Add", [Name, Name], ["y"]);
        string file = folder.PathOf("model.onnx");
        await File.WriteAllBytesAsync(file, new OnnxModelWriter(graph).Opset("", 17).ToArray(), TestContext.Current.CancellationToken);

        CommandRun run = await CommandRun.StartAsync("check", file);

        Assert.Contains("input  'x ]0;owned  2J' Float [4]", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(run.Output, c => char.IsControl(c) && c is not ('\n' or '\r'));
    }

    [Theory]
    [InlineData("")]
    [InlineData("this is a text, and no model")]
    public async Task Check_NotAModel_FailsWithOneError(string content)
    {
        string file = folder.PathOf("model.onnx");
        await File.WriteAllTextAsync(file, content, TestContext.Current.CancellationToken);

        CommandRun run = await CommandRun.StartAsync("check", file, "--json");

        Assert.Equal(ExitCodes.Failed, run.ExitCode);
        using JsonDocument document = JsonDocument.Parse(run.Output);
        Assert.Equal(1, document.RootElement.GetProperty("errors").GetArrayLength());
    }

    [Fact]
    public async Task Check_PolicyWithSeveralFaults_NamesThemAll()
    {
        string policy = folder.PathOf("promotion.json");
        await File.WriteAllTextAsync(
            policy,
            """{ "aproval": "none", "precision": "int8", "quorum": "two" }""",
            TestContext.Current.CancellationToken);

        CommandRun run = await CommandRun.StartAsync("check", Model, "--policy", policy);

        Assert.Equal(ExitCodes.Failed, run.ExitCode);
        Assert.Equal(3, Lines(run.Error).Length);
        Assert.Contains("aproval", run.Error, StringComparison.Ordinal);
        Assert.Contains("int8", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_PolicyWithOtherShapes_SaysWhichProfile()
    {
        string policy = folder.PathOf("promotion.json");
        await File.WriteAllTextAsync(
            policy,
            """
            { "profiles": [ { "name": "wrong", "inputs": {
              "x": { "min": [1, 3, 32, 64], "typical": [1, 3, 32, 64], "max": [1, 3, 32, 64] } } } ] }
            """,
            TestContext.Current.CancellationToken);

        CommandRun run = await CommandRun.StartAsync("check", Model, "--policy", policy);

        Assert.Equal(ExitCodes.Failed, run.ExitCode);
        Assert.Contains("'wrong'", Assert.Single(Lines(run.Error)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x", 3, null)]
    [InlineData("x", 4, "has shape [1, 4, 48, 64]")]
    [InlineData("y", 3, "'y' is neither an input nor an output")]
    public async Task Check_GoldenFile_MustFitTheModel(string name, long channels, string? fault)
    {
        string golden = folder.PathOf("golden.npz");
        using (FileStream file = File.Create(golden))
        {
            NpzWriter.Write(file, [NpyArray.Of<float>(name, [1, channels, 48, 64], new float[channels * 48 * 64])]);
        }

        CommandRun run = await CommandRun.StartAsync("check", Model, "--golden", golden);

        Assert.Equal(fault is null ? ExitCodes.Ok : ExitCodes.Failed, run.ExitCode);
        Assert.Contains(fault ?? "", run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
