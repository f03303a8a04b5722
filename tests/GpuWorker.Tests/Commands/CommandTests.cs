using System.Text.Json;
using Pipeline.Testing;

namespace Pipeline.GpuWorker.Tests.Commands;

public sealed class CommandTests
{
    [Fact]
    public async Task Probe_Json_NamesThisMachinesLane()
    {
        (int exitCode, string output) = await WorkerProcess.RunAsync(null, "probe", "--json");

        Assert.Equal(0, exitCode);
        using JsonDocument answer = JsonDocument.Parse(output);
        Assert.Contains(
            Workbench.Lane.ToString(), answer.RootElement.GetProperty("lanes").EnumerateArray().Select(l => l.GetString()));
    }

    [Fact]
    public async Task Build_Json_PrintsTheEngineAndPasses()
    {
        using var folder = new TemporaryFolder();
        string[] arguments = ["build", TestModels.ClassifierPath, "--json", "--out", folder.Root];

        (int exitCode, string output) = await WorkerProcess.RunAsync(null, arguments);

        Assert.True(exitCode == 0, output);
        using JsonDocument answer = JsonDocument.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..]);
        Assert.All(
            answer.RootElement.GetProperty("decisions").EnumerateArray(),
            d => Assert.Equal("Passed", d.GetProperty("verdict").GetString()));
        byte[] engine = await File.ReadAllBytesAsync(answer.RootElement.GetProperty("engine").GetString()!, Workbench.Cancel);
        Workbench.Backend.Load(engine, Workbench.Cancel).Dispose();
    }

    [Theory]
    [InlineData(2, "--nonsense", "run", "--nonsense")]
    [InlineData(2, "FILE", "build")]
    [InlineData(1, "absent.onnx", "build", "/absent/absent.onnx")]
    public async Task Arguments_Wrong_AreNamedAndTheExitCodeSaysSo(int expected, string said, params string[] arguments)
    {
        (int exitCode, string output) = await WorkerProcess.RunAsync(null, arguments);

        Assert.True(exitCode == expected, output);
        Assert.Contains(said, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }
}
