using System.Collections.Frozen;
using System.Collections.Immutable;
using Pipeline.Edge.Routing;

namespace Pipeline.Edge.Tests.Routing;

public sealed class RouteFollowerTests
{
    private static readonly TimeSpan TwoSeconds = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Edge_ReadsAtOnce_AndThenAtARandomMomentOfItsInterval()
    {
        double[] firstWaits =
        [
            .. await Task.WhenAll(Enumerable.Range(0, 50).Select(async seed =>
            {
                await using var edge = new FollowedEdge(random: new Random(seed));
                edge.Routes.Write(edge.Snapshot(1), 0);
                edge.Start();
                Assert.Equal(0, Assert.Single(edge.Routes.Reads).AtSeconds);
                edge.Advance(31);
                return edge.Waits[0];
            })),
        ];

        // Together at the start, spread over the whole interval from then on.
        Assert.InRange(firstWaits.Min(), 0, 3);
        Assert.InRange(firstWaits.Max(), 27, 30);
    }

    [Fact]
    public async Task Edge_WithoutAnIntervalInTheSnapshot_KeepsItsOwn()
    {
        await using var edge = new FollowedEdge();
        edge.Routes.Write(edge.Snapshot(1), 0);
        edge.Start();
        edge.Advance(600);

        Assert.All(edge.Waits[1..], wait => Assert.InRange(wait, 15, 30));
        Assert.Equal(edge.Routes.Reads.Count, edge.Retries);
    }

    [Theory]
    [InlineData(2, 30, 2)]
    [InlineData(300, 30, 30)]
    [InlineData(2, 0.25, 0.25)]
    [InlineData(0, 30, 0.1)]
    [InlineData(-5, 30, 0.1)]
    public async Task Edge_FollowsTheSnapshotsInterval_WithItsOwnAsTheLongest(double told, double own, double expected)
    {
        await using var edge = new FollowedEdge(TimeSpan.FromSeconds(own));
        edge.Routes.Write(edge.Snapshot(1, TimeSpan.FromSeconds(told)), 0);
        edge.Start();
        edge.Advance(50 * expected);

        Assert.All(edge.Waits[1..], wait => Assert.InRange(wait, expected / 2 - 0.001, expected));
        Assert.InRange(edge.Waits[1..].Average(), expected * 0.65, expected * 0.85);
    }

    [Fact]
    public async Task Edge_ToldAnotherIntervalAtTheSameRevision_TakesIt()
    {
        await using var edge = new FollowedEdge();
        edge.Routes.Write(edge.Snapshot(1, TwoSeconds), 0);
        edge.Start();
        edge.Advance(10);
        edge.Routes.Write(edge.Snapshot(1, TimeSpan.FromSeconds(20)), 0);
        edge.Advance(2);
        int reads = edge.Routes.Reads.Count;
        edge.Advance(100);

        Assert.InRange(edge.Routes.Reads.Count - reads, 5, 10);
        Assert.Null(edge.State.SnapshotFault);
    }

    [Fact]
    public async Task Edge_WhoseStorageIsAway_LooksLessOftenAndComesBackAtOnceWhenItIsThere()
    {
        await using var edge = new FollowedEdge();
        edge.Routes.Write(edge.Snapshot(1, TwoSeconds), 0);
        edge.Start();
        edge.Advance(10);
        int before = edge.Routes.Reads.Count;
        edge.Routes.Faults[0] = new IOException("The storage is away.");
        edge.Advance(600);
        int during = edge.Routes.Reads.Count - before;
        edge.Routes.Faults.Clear();
        edge.Routes.Write(edge.Snapshot(2, TwoSeconds), 0);
        edge.Advance(30);
        double recovered = edge.Routes.Reads[^1].AtSeconds;
        edge.Advance(60);

        // 600 s at full jitter over 30 s are about 40 reads; at 2 s they would be 400.
        Assert.InRange(during, 20, 70);
        Assert.Equal([1, 2], edge.Followed.Select(s => s.Revision));
        double[] later = [.. edge.Routes.Reads.Where(r => r.AtSeconds >= recovered).Select(r => r.AtSeconds)];
        Assert.All(later.Zip(later.Skip(1), (a, b) => b - a), wait => Assert.InRange(wait, 1, 2));
    }

    [Fact]
    public async Task Edges_ThatFailTogether_DoNotComeBackTogether()
    {
        var seconds = new List<double>();
        for (int seed = 0; seed < 200; seed++)
        {
            await using var edge = new FollowedEdge(random: new Random(seed));
            edge.Routes.Faults[0] = new IOException("503 ServerBusy");
            edge.Start();
            edge.Advance(300);
            seconds.Add(edge.Waits[5]);
        }

        // The sixth wait is over 30 s, and about 7 of 200 fall into each of them.
        Assert.All(seconds.GroupBy(s => (int)s), second => Assert.InRange(second.Count(), 1, 20));
        Assert.InRange(seconds.GroupBy(s => (int)s).Count(), 28, 31);
    }

    [Fact]
    public async Task Edge_WithoutAnySnapshot_DoesNotWaitForLongAfterTheFirstRefusal()
    {
        await using var edge = new FollowedEdge(random: new Random(1));
        edge.Routes.Faults[0] = new IOException("503 ServerBusy");
        edge.Start();
        edge.Advance(4);
        Assert.True(edge.Routes.Reads.Count > 1);
    }

    [Fact]
    public async Task Read_ThatHangs_IsGivenUpAndTheNextOneCounts()
    {
        await using var edge = new FollowedEdge();
        edge.Routes.Write(edge.Snapshot(1), 0);
        edge.Routes.Hangs = true;
        edge.Start();
        edge.Advance(RouteFollower.ReadTimeout.TotalSeconds - 0.1);
        Assert.Single(edge.Routes.Reads);
        edge.Routes.Hangs = false;

        edge.Advance(0.2);
        edge.Advance(30);

        Assert.Equal(1, Assert.Single(edge.Followed).Revision);
    }

    [Fact]
    public async Task Read_ThatIsCancelledByItsSource_IsAFailureLikeAnyOther()
    {
        await using var edge = new FollowedEdge();
        edge.Routes.Write(edge.Snapshot(1), 0);
        edge.Routes.Faults[0] = new OperationCanceledException("The connection was given up.");
        edge.Start();
        edge.Advance(60);
        edge.Routes.Faults.Clear();
        edge.Advance(30);

        Assert.False(edge.HasEnded);
        Assert.Equal(1, Assert.Single(edge.Followed).Revision);
    }

    [Fact]
    public async Task Edge_ThatIsToldToStop_EndsWhateverItWaitsFor()
    {
        await using var waiting = new FollowedEdge();
        waiting.Start();
        await waiting.StopAsync();

        await using var reading = new FollowedEdge();
        reading.Routes.Hangs = true;
        reading.Start();
        await reading.StopAsync();
    }

    [Fact]
    public async Task Edge_ThatStartsAgainWithoutTheCloud_FollowsWhatItKept()
    {
        await using var edge = new FollowedEdge();
        edge.Routes.Write(edge.Snapshot(7, TwoSeconds, replicas: 1), 0);
        edge.Start();
        edge.Routes.Faults[0] = new IOException("The storage is away.");

        await edge.RestartAsync();

        Assert.Equal([7, 7], edge.Followed.Select(s => s.Revision));
    }

    [Fact]
    public async Task Snapshot_OfALowerRevision_IsRefusedAndTheOldOneGoesOn()
    {
        await using var edge = new FollowedEdge();
        edge.Routes.Write(edge.Snapshot(5), 0);
        edge.Start();
        edge.Routes.Write(edge.Snapshot(4), 0);
        edge.Advance(90);

        Assert.Equal([5], edge.Followed.Select(s => s.Revision));
        Assert.StartsWith("The snapshot has revision 4, older than the 5", edge.State.SnapshotFault, StringComparison.Ordinal);
        // It is not fetched again.
        Assert.Equal("etag-2", edge.Routes.Reads[^1].KnownETag);
    }

    [Fact]
    public async Task TargetWithoutRoutes_IsAskedForRarely_OnceAnotherTargetHasSome()
    {
        await using var edge = new FollowedEdge(TimeSpan.FromSeconds(30));
        edge.Start();
        edge.Advance(20);
        Assert.All(edge.Waits, wait => Assert.InRange(wait, 0, 4));

        edge.State.Publish(new RouteTable
        {
            Revisions = ImmutableSortedDictionary<string, long>.Empty.Add("cpu-x64", 1),
            Models = FrozenDictionary<string, ModelRoute>.Empty,
            Statuses = [],
            Wanted = [],
        });
        edge.Advance(10);
        int before = edge.Routes.Reads.Count;
        edge.Advance(300);
        Assert.InRange(edge.Routes.Reads.Count - before, 7, 15);
    }
}
