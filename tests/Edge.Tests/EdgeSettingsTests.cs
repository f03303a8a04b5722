using Microsoft.Extensions.Configuration;
using Pipeline.Engines;
using Pipeline.Testing;

namespace Pipeline.Edge.Tests;

public sealed class EdgeSettingsTests
{
    private static readonly BackendProbe H200 = new()
    {
        Runtime = "trt-11.1.0.106",
        LibraryPath = "/opt/lib",
        Providers = [],
        Targets = ["sm_90-h200", "sm_90"],
        Problem = null,
    };

    [Theory]
    [InlineData("", "", "sm_90-h200 sm_90")]
    [InlineData("sm_90", "", "sm_90")]
    [InlineData("", "sm_90", "sm_90")]
    // In the machine's own order.
    [InlineData("", "sm_90 sm_90-h200 sm_90", "sm_90-h200 sm_90")]
    public void Targets_AreThoseOfTheMachine_OrTheOnesThatAreAskedFor(string target, string targets, string followed)
    {
        EdgeOptions options = Read(H200, target, targets, out IReadOnlyList<string> faults)!;
        Assert.Empty(faults);
        Assert.Equal(followed, string.Join(' ', options.Followed));
        Assert.Equal(options.Followed[0], options.Target);
        Assert.Equal("trt-11.1.0.106", options.Runtime);
    }

    [Theory]
    [InlineData("sm_80", "", "Lane 'sm_80/trt-11.1.0.106' needs target 'sm_80'; this machine runs 'sm_90-h200', 'sm_90'.")]
    [InlineData("", "sm_90 sm_80", "Lane 'sm_80/trt-11.1.0.106' needs target 'sm_80'; this machine runs 'sm_90-h200', 'sm_90'.")]
    [InlineData("sm_90", "sm_90", "'Edge:Target' and 'Edge:Targets' are both set; keep one of them.")]
    public void Targets_ThatTheMachineDoesNotRun_AreRefused(string target, string targets, string sentence)
    {
        Assert.Null(Read(H200, target, targets, out IReadOnlyList<string> faults));
        Assert.Equal([sentence], faults);
    }

    [Fact]
    public void Machine_ThatRunsNothing_SaysWhyOnce()
    {
        var problem = new EngineException(EngineErrorKind.LibraryMissing, "There is no TensorRT here.");
        Assert.Null(Read(H200 with { Targets = [], Problem = problem }, "", "", out IReadOnlyList<string> faults));
        Assert.Equal(["There is no TensorRT here."], faults);
    }

    [Fact]
    public void Lanes_AreTwoOnADevice_AndOneAProcessorElsewhere_UnlessTheSettingsSay()
    {
        Assert.Equal(2, new EdgeOptions().LanesOf(onDevice: true));
        Assert.Equal(Math.Min(Environment.ProcessorCount, 256), new EdgeOptions().LanesOf(onDevice: false));
        var three = new EdgeOptions { ExecutionLanes = 3 };
        Assert.Equal((3, 3), (three.LanesOf(onDevice: true), three.LanesOf(onDevice: false)));
    }

    [Theory]
    [InlineData("http://127.0.0.1:0")]
    [InlineData("http://*:8080;http://[::1]:80")]
    [InlineData("http://localhost:8080")]
    [InlineData("http://+:1")]
    public void Urls_ThatSayWhereToListen_AreTaken(string urls) => Assert.NotNull(ReadUrls(urls, out _));

    // The server would take most of these for port 80 of every network.
    [Theory]
    [InlineData("http://127.0.0.1:eighty")]
    [InlineData("http://256.1.1.1:80")]
    [InlineData("http://edge.internal:8080")]
    [InlineData("http://127.0.0.1:70000")]
    [InlineData("http://127.0.0.1:80/v2")]
    [InlineData("http://localhost:0")]
    [InlineData("http://unix:/tmp/edge.sock")]
    [InlineData("https://127.0.0.1:443")]
    [InlineData("nonsense")]
    [InlineData("")]
    public void Urls_ThatDoNot_AreRefused(string urls)
    {
        Assert.Null(ReadUrls(urls, out IReadOnlyList<string> faults));
        Assert.StartsWith($"'Edge:Urls' names '{urls}'; write http://ADDRESS:PORT", Assert.Single(faults), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://*:8080", "http://127.0.0.1:8080/")]
    [InlineData("http://0.0.0.0:8080", "http://127.0.0.1:8080/")]
    [InlineData("http://[::]:8080", "http://127.0.0.1:8080/")]
    [InlineData("http://10.1.2.3:8080", "http://10.1.2.3:8080/")]
    [InlineData("http://[fd00::1]:8080", "http://[fd00::1]:8080/")]
    public void Health_IsAskedWhereTheEdgeListens(string url, string asked) =>
        Assert.Equal(asked, ListenAddress.FromHere(ListenAddress.TryParse(url)!).ToString());

    private static EdgeOptions? ReadUrls(string urls, out IReadOnlyList<string> faults)
    {
        using var folder = new TemporaryFolder();
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Edge:Urls", urls), new("Edge:TrustedKeys", folder.Root)]).Build();
        return EdgeSettings.Read(configuration, H200, out faults);
    }

    private static EdgeOptions? Read(BackendProbe machine, string target, string targets, out IReadOnlyList<string> faults)
    {
        using var folder = new TemporaryFolder();
        IEnumerable<KeyValuePair<string, string?>> named = targets.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select((t, i) => KeyValuePair.Create($"Edge:Targets:{i}", (string?)t));
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(
        [
            new("Edge:Target", target), new("Edge:TrustedKeys", folder.Root), .. named,
        ]).Build();
        return EdgeSettings.Read(configuration, machine, out faults);
    }
}
