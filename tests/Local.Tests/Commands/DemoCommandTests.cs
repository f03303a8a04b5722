using System.Text.Json;
using Pipeline.Local.Commands;

namespace Pipeline.Local.Tests.Commands;

public sealed class DemoCommandTests
{
    [Fact]
    public async Task Demo_Json_EveryStepHoldsAndTheLastLineTellsWhatWasSeen()
    {
        CommandRun demo = await CommandRun.StartAsync("demo", "--json");

        Assert.True(demo.ExitCode == ExitCodes.Ok, $"exit code {demo.ExitCode}\n{demo.Output}\n{demo.Error}");
        using JsonDocument document = JsonDocument.Parse(demo.Output.TrimEnd().Split('\n')[^1]);
        JsonElement result = document.RootElement;
        Assert.Equal("The gate has passed.", result.GetProperty("textRead").GetString());
        Assert.Matches("^ocr-rec/1@[0-9a-f]{64}$", result.GetProperty("servedBy").GetString());
        Assert.Equal("1", result.GetProperty("rolledBackTo").GetString());
        Assert.Equal(0, result.GetProperty("requestsFailed").GetInt64());
        Assert.InRange(result.GetProperty("requestsSent").GetInt64(), 60, long.MaxValue);
        Assert.All(
            ["uploadToLiveSeconds", "buildSeconds", "benchmarkSeconds"],
            name => Assert.True(result.GetProperty(name).GetDouble() > 0, name));
        Assert.Equal(
            [10.0, 50.0],
            result.GetProperty("candidateShareSeen").EnumerateArray()
                .Select(s => s.GetProperty("weightPercent").GetDouble()));
    }
}
