using System.Net;
using Pipeline.Core.Routing;
using Pipeline.Edge.Tests.Support;

namespace Pipeline.Edge.Tests;

public sealed class SplitTests
{
    [Fact]
    public async Task Users_AtAWeight_AreSplitStickilyAndNoneLeavesWhenItGrows()
    {
        await using EdgeHarness edge = await EdgeHarness.StartAsync();
        RoutedVersion stable = edge.Version("add", "1", TestEngines.Build(TinyOnnx.Add(1)));
        RoutedVersion candidate = edge.Version("add", "2", TestEngines.Build(TinyOnnx.Add(2)));
        edge.Publish(edge.Route("add", stable, candidate, 2_000));
        await edge.WaitServingAsync("add", "1", "2");
        HashSet<int> atFifth = await CandidateUsersAsync(edge);
        HashSet<int> again = await CandidateUsersAsync(edge);

        long revision = edge.Publish(edge.Route("add", stable, candidate, 6_000));
        await EdgeHarness.Until(() => edge.FollowedRevision == revision, "the weight is followed");
        HashSet<int> atMost = await CandidateUsersAsync(edge);

        Assert.InRange(atFifth.Count, 60, 140);
        Assert.Equal(atFifth, again);
        Assert.Superset(atFifth, atMost);
        Assert.InRange(atMost.Count, 230, 370);
    }

    [Fact]
    public async Task Requests_WithoutAUser_AreSplitOneByOne()
    {
        await using EdgeHarness edge = await StartAsync(5_000);
        int candidate = 0;
        for (int i =
            0; i < 200; i++) candidate += (await edge.SendAsync(InferCall.Row("add", 0))).Version == "2" ? 1 : 0;
        Assert.InRange(candidate, 60, 140);
    }

    [Theory]
    [InlineData("stable", "1")]
    [InlineData("candidate", "2")]
    [InlineData("1", "1")]
    [InlineData("2", "2")]
    public async Task Tag_OfTheRequest_OverridesTheSplit(string tag, string version)
    {
        foreach (int weight in new[] { 0, 10_000 })
        {
            await using EdgeHarness edge = await StartAsync(weight);
            InferAnswer answer =
                await edge.SendAsync(InferCall.Row("add", 0).With("x-route-tag", tag).With("x-user-id", "u"));
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            Assert.Equal(version, answer.Version);
            Assert.Equal(version == "1" ? "stable" : "candidate", answer.Header("x-route-kind"));
        }
    }

    [Theory]
    [InlineData("candidate")]
    [InlineData("2")]
    public async Task Request_ThatAsksForTheCandidateByName_IsNoEvidenceAboutIt(string tag)
    {
        await using EdgeHarness edge = await StartAsync(10_000);
        await edge.SendAsync(InferCall.Row("add", 0).With("x-route-tag", tag));
        await edge.SendAsync(InferCall.Row("add", 0));
        await edge.WaitReportAsync(r => r.Counters.Sum(c => c.Requests) > 0, "the one that the split sent is counted");
        Assert.Equal(1, edge.Fleet.Last!.Counters.Sum(c => c.Requests));
    }

    [Fact]
    public async Task Candidate_NotLoadedHere_LeavesEveryoneOnStable()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("add", TestEngines.Build(TinyOnnx.Add(1)));
        RoutedVersion stable = edge.Version("add", "1", TestEngines.Build(TinyOnnx.Add(1)));
        RoutedVersion broken = edge.Version("add", "2", "not an engine"u8.ToArray());
        long revision = edge.Publish(edge.Route("add", stable, broken, 10_000));
        await EdgeHarness.Until(() => edge.FollowedRevision == revision, "the route is followed");
        Assert.Equal("1", (await edge.SendAsync(InferCall.Row("add", 0).With("x-user-id", "u"))).Version);
    }

    private static async Task<EdgeHarness> StartAsync(int weight)
    {
        EdgeHarness edge = await EdgeHarness.StartAsync();
        edge.Publish(edge.Route(
            "add", edge.Version("add", "1", TestEngines.Build(TinyOnnx.Add(1))),
            edge.Version("add", "2", TestEngines.Build(TinyOnnx.Add(2))), weight));
        await edge.WaitServingAsync("add", "1", "2");
        return edge;
    }

    private static async Task<HashSet<int>> CandidateUsersAsync(EdgeHarness edge)
    {
        var users = new HashSet<int>();
        for (int user = 0; user < 500; user++)
        {
            InferAnswer answer = await edge.SendAsync(InferCall.Row("add", 0).With("x-user-id", $"user-{user}"));
            Assert.Equal(answer.Version == "2" ? 2 : 1, answer.Floats()[0]);
            if (answer.Version == "2") users.Add(user);
        }

        return users;
    }
}
