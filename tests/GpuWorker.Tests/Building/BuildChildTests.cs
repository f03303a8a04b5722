using System.Text;
using Pipeline.Core.Json;
using Pipeline.Engines;
using Pipeline.GpuWorker.Building;

namespace Pipeline.GpuWorker.Tests.Building;

/// <summary>The child's side, in this process.</summary>
public sealed class BuildChildTests
{
    /// <summary>What a model that means harm may be full of: texts that JSON spells six times as long, cut where one must not cut.</summary>
    [Theory]
    [InlineData("é")]
    [InlineData("\u0001")]
    [InlineData("\U0001F4A5")]
    [InlineData("x\U0001F4A5")]
    public void Build_FailsWithNamesWithoutEnd_EndFitsOneAnswer(string piece)
    {
        string name = string.Concat(Enumerable.Repeat(piece, 100_000));
        var failure = new EngineException(EngineErrorKind.UnsupportedOperator, $"No {name}.") { Operator = name, Log = ["a warning"] };
        var order = BuildOrder.Of(
            Workbench.Lane.Runtime, new EngineSettings(new(), new()), new EngineBuildOptions { ModelPath = "x.onnx", EnginePath = "x" });
        using var input = new MemoryStream([.. PipelineJson.Write(order), (byte)'\n']);
        using var output = new MemoryStream();
        using var log = new StringWriter();

        int exitCode = new BuildChild(input, output, log, _ => throw failure, () => { }).Build();

        Assert.Equal(0, exitCode);
        string line = Assert.Single(
            Encoding.UTF8.GetString(output.ToArray()).Split('\n'), l => l.Contains("\"end\"", StringComparison.Ordinal));
        Assert.InRange(line.Length, 1, BuildAnswer.LengthMaximum);
        BuildEnd end = PipelineJson.Read<BuildAnswer>(Encoding.UTF8.GetBytes(line)).End!;
        Assert.Equal((BuildEndKind.Failed, EngineErrorKind.UnsupportedOperator), (end.Kind, end.Error));
        Assert.StartsWith(end.Operator!, name, StringComparison.Ordinal);
        Assert.Contains("a warning", log.ToString(), StringComparison.Ordinal);
    }
}
