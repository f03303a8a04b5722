using Pipeline.Core.Routing;
using Pipeline.Edge.Batching;
using Pipeline.Edge.Loading;
using Pipeline.Edge.Measuring;
using Pipeline.Edge.Routing;
using Pipeline.Edge.Tests.Support;
using Pipeline.Engines;

namespace Pipeline.Edge.Tests;

public sealed class ModelRouteTests
{
    [Fact]
    public void Choose_ForAMillionRequests_AllocatesNothing()
    {
        var route = new ModelRoute("add", Version("1"), Version("2"), 2_500);
        string[] users = [.. Enumerable.Range(0, 1000).Select(i => $"user-{i}")];
        int candidates = Count(route, users);
        long before = GC.GetAllocatedBytesForCurrentThread();
        candidates += Count(route, users);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
        Assert.InRange(candidates, 1, 4_000_000);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(5_000)]
    [InlineData(10_000)]
    public void Choose_AtAWeight_FollowsTheStickySplit(int weight)
    {
        var route = new ModelRoute("add", Version("1"), Version("2"), weight);
        var split = new StickySplit("add", "2");
        for (int i = 0; i < 20_000; i++)
        {
            string user = $"user-{i}";
            RouteKind expected = split.TakesCandidate(user, weight) ? RouteKind.Candidate : RouteKind.Stable;
            Assert.Equal(expected, route.Choose(user, RouteTag.None, 0).Kind);
        }
    }

    private static int Count(ModelRoute route, string[] users)
    {
        int candidates = 0;
        for (ulong i = 0; i < 1000; i++)
        {
            foreach (string user in users)
            {
                candidates += route.Choose(user, RouteTag.None, i).Kind == RouteKind.Candidate ? 1 : 0;
                candidates += route.Choose(default, RouteTag.None, i).Kind == RouteKind.Candidate ? 1 : 0;
            }
        }

        return candidates;
    }

    private static ServingVersion Version(string version)
    {
        IEngine engine =
            TestEngines.Backend.Load(TestEngines.Build(TinyOnnx.Add(1)), TestContext.Current.CancellationToken);
        EngineScheduler scheduler = TestEngines.Schedule(engine);
        return new ServingVersion
        {
            Model = "add",
            Version = version,
            Engine = new LoadedEngine(scheduler, "d", 1, TimeSpan.Zero),
            Plan = scheduler.PlanFor([], null),
            Statistics = new VersionStatistics("add", version),
        };
    }
}
