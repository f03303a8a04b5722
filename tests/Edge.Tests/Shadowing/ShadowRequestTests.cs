using System.Net;
using Pipeline.Core.Fleet;
using Pipeline.Core.Policies;
using Pipeline.Core.Routing;
using Pipeline.Edge.Tests.Support;

namespace Pipeline.Edge.Tests.Shadowing;

/// <summary>Requests that stable answers and the candidate runs too.</summary>
public sealed class ShadowRequestTests
{
    private const int Requests = 40;

    [Fact]
    public async Task Candidate_ThatAnswersOtherwise_DivergesInTheReportAndNowhereElse()
    {
        await using EdgeHarness edge = await StartAsync(TestEngines.Build(TinyOnnx.Add(2)), new ShadowPolicy
        {
            SharePercent = 100,
            AbsoluteErrorMaximum = 0.5,
        });
        for (int i = 0; i < Requests; i++)
        {
            InferAnswer answer = await edge.SendAsync(InferCall.Row("add", i));
            Assert.Equal((HttpStatusCode.OK, "1"), (answer.Status, answer.Version));
        }

        ShadowCounters shadow = await ReportedAsync(edge, s => s.Compared + s.Skipped >= Requests);
        Assert.True(shadow.Compared > 0);
        Assert.Equal((shadow.Compared, 0), (shadow.Diverged, shadow.Errors));
        VersionCounters candidate = edge.Fleet.Last!.Counters.Single(c => c.Version == "2");
        Assert.Equal(0, candidate.Requests);
        Assert.Equal(Requests, edge.Fleet.Last.Counters.Single(c => c.Version == "1").Requests);
    }

    [Fact]
    public async Task Candidate_ThatAnswersAlike_DoesNotDiverge()
    {
        byte[] same = TestEngines.Build(TinyOnnx.Add(1));
        await using EdgeHarness edge = await StartAsync(same, new ShadowPolicy { SharePercent = 100, AbsoluteErrorMaximum = 0 });
        for (int i = 0; i < Requests; i++) await edge.SendAsync(InferCall.Row("add", i));
        ShadowCounters shadow = await ReportedAsync(edge, s => s.Compared + s.Skipped >= Requests);
        Assert.True(shadow.Compared > 0);
        Assert.Equal((0, 0), (shadow.Diverged, shadow.Errors));
    }

    [Fact]
    public async Task Share_OfTheRequests_IsKept()
    {
        await using EdgeHarness edge = await StartAsync(
            TestEngines.Build(TinyOnnx.Add(2)), new ShadowPolicy { SharePercent = 10 });
        for (int i = 0; i < 300; i++) await edge.SendAsync(InferCall.Row("add", i));
        ShadowCounters shadow = await ReportedAsync(edge, s => s.Compared + s.Skipped >= 5);
        Assert.InRange(shadow.Compared + shadow.Skipped, 5, 70);
    }

    [Fact]
    public async Task Candidate_OfAnotherContract_Diverges()
    {
        await using EdgeHarness edge = await StartAsync(TestEngines.Classifier, new ShadowPolicy { SharePercent = 100 });
        InferAnswer answer = await edge.SendAsync(InferCall.Row("add", 1));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        ShadowCounters shadow = await ReportedAsync(edge, s => s.Compared >= 1);
        Assert.Equal(1, shadow.Diverged);
    }

    [Fact]
    public async Task Candidate_OfNarrowerProfiles_DivergesWhereItWouldRefuse()
    {
        byte[] same = TestEngines.Build(TinyOnnx.Add(1));
        await using EdgeHarness edge = await StartAsync(same, new ShadowPolicy { SharePercent = 100 }, Profiles.Rows(1));
        await edge.SendAsync(InferCall.Row("add", 1));
        await ReportedAsync(edge, s => s is { Compared: 1, Diverged: 0 });
        InferAnswer answer = await edge.SendAsync(InferCall.Rows("add", 2, 1, 2, 3, 4, 5, 6, 7, 8));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        await ReportedAsync(edge, s => s is { Compared: 2, Diverged: 1 });
    }

    private static async Task<EdgeHarness> StartAsync(byte[] candidate, ShadowPolicy policy, ShapeProfile? profile = null)
    {
        EdgeHarness edge = await EdgeHarness.StartAsync();
        Route route = edge.Route(
            "add", edge.Version("add", "1", TestEngines.Build(TinyOnnx.Add(1))), edge.Version("add", "2", candidate, profile), weight: 0);
        edge.Publish(route with { Shadow = policy });
        await edge.WaitServingAsync("add", "1", "2");
        return edge;
    }

    private static async Task<ShadowCounters> ReportedAsync(EdgeHarness edge, Func<ShadowCounters, bool> condition)
    {
        await edge.WaitReportAsync(
            r => r.Counters.Any(c => c is { Version: "2", Shadow: { } shadow } && condition(shadow)), "the shadows are reported");
        return edge.Fleet.Last!.Counters.Single(c => c.Version == "2").Shadow!;
    }
}
