using Pipeline.Edge.Routing;
using Pipeline.Edge.Tests.Support;

namespace Pipeline.Edge.Tests.Routing;

public sealed class ReplicaTests
{
    private static readonly TimeSpan TwoSeconds = TimeSpan.FromSeconds(2);

    [Fact]
    public void Edges_SpreadOverTheReplicas()
    {
        int[] counts = new int[4];
        for (int seed = 0; seed < 2_000; seed++)
        {
            var replica = new ReplicaChoice(new Random(seed), 1);
            replica.Learn(4);
            counts[replica.Current]++;
        }

        Assert.All(counts, count => Assert.InRange(count, 400, 600));
    }

    [Fact]
    public void Edges_OfAReplicaThatFails_SpreadOverTheOthers()
    {
        int[] counts = new int[4];
        for (int seed = 0; seed < 8_000; seed++)
        {
            var replica = new ReplicaChoice(new Random(seed), 1);
            replica.Learn(4);
            int left = replica.Current;
            replica.Leave();
            Assert.NotEqual(left, replica.Current);
            if (left == 2) counts[replica.Current]++;
        }

        Assert.Equal(0, counts[2]);
        Assert.All([counts[0], counts[1], counts[3]], count => Assert.InRange(count, 530, 800));
    }

    [Fact]
    public void Edge_WithOneReplica_KeepsItAndWhatItKnowsOfIt()
    {
        var replica = new ReplicaChoice(new Random(1), 1) { KnownETag = "etag" };
        replica.Leave();
        replica.Learn(1);
        Assert.Equal((0, "etag"), (replica.Current, replica.KnownETag));
    }

    [Fact]
    public async Task Edge_ReadsABlobWithTheETagOfThatBlobOnly()
    {
        await using FollowedEdge edge = Start(replicas: 4);
        edge.Advance(60);

        int chosen = edge.Routes.Reads[^1].Replica;
        Assert.All(edge.Routes.Reads.Skip(1), read => Assert.Equal(chosen, read.Replica));
        Assert.Equal($"etag-{chosen + 1}", edge.Routes.Reads[^1].KnownETag);
        Assert.All(
            edge.Routes.Reads.Where(r => r.KnownETag is not null), read => Assert.Equal($"etag-{read.Replica + 1}", read.KnownETag));
    }

    [Fact]
    public async Task Edge_WhoseReplicaFails_ReadsAnotherNextTimeAndStaysThere()
    {
        await using FollowedEdge edge = Start(replicas: 3);
        edge.Advance(10);
        int dead = edge.Routes.Reads[^1].Replica;
        edge.Routes.Faults[dead] = new IOException("503 ServerBusy");
        int before = edge.Routes.Reads.Count;
        edge.Advance(60);
        int[] read = [.. edge.Routes.Reads.Skip(before).Select(r => r.Replica)];

        Assert.Equal(dead, read[0]);
        Assert.DoesNotContain(dead, read[1..]);
        Assert.Single(read[1..].Distinct());
    }

    [Fact]
    public async Task Edge_OnALaggingReplica_NeverGoesBackAndFindsTheNewerOne()
    {
        await using FollowedEdge edge = Start(replicas: 3);
        edge.Advance(10);
        int home = edge.Routes.Reads[^1].Replica;
        byte[] next = edge.Snapshot(2, TwoSeconds, 3);
        edge.Routes.Write(next, home);
        edge.Advance(5);
        Assert.Equal(2, edge.Followed[^1].Revision);
        edge.Routes.Faults[home] = new IOException("503 ServerBusy");
        edge.Advance(20);
        edge.Routes.Faults.Clear();
        edge.Advance(120);

        Assert.Equal(edge.Followed.Select(s => s.Revision).Order(), edge.Followed.Select(s => s.Revision));
        Assert.Equal(home, edge.Routes.Reads[^1].Replica);
        Assert.Null(edge.State.SnapshotFault);
    }

    [Fact]
    public async Task Edge_WhoseReplicaIsGone_FindsOneThatIsLeftAndLearnsTheirNumber()
    {
        await using FollowedEdge edge = Start(replicas: 4);
        edge.Advance(10);
        for (int k = 1; k < 4; k++) edge.Routes.Delete(k);
        edge.Routes.Write(edge.Snapshot(2, TwoSeconds), 0);
        edge.Advance(60);

        Assert.Equal((2, 1), (edge.Followed[^1].Revision, edge.Followed[^1].Replicas));
        Assert.All(edge.Routes.Reads.TakeLast(10), read => Assert.Equal(0, read.Replica));
    }

    [Fact]
    public async Task Edge_BeforeWhichAllReplicasAreBadlySigned_LooksLessOften()
    {
        await using FollowedEdge edge = Start(replicas: 3);
        edge.Advance(10);
        using var stranger = new TestSigner();
        edge.Routes.Write(edge.Snapshot(9, TwoSeconds, 3, stranger), 0, 1, 2);
        edge.Advance(60);
        int before = edge.Routes.Reads.Count;
        edge.Advance(600);

        Assert.InRange(edge.Routes.Reads.Count - before, 20, 70);
        Assert.Equal(1, edge.Followed[^1].Revision);
        Assert.Equal("No signature of a trusted key fits the envelope.", edge.State.SnapshotFault);
    }

    [Fact]
    public async Task Edge_WithoutAnySnapshot_LooksAtEachReplicaThatItsSettingsName()
    {
        await using var edge = new FollowedEdge(replicas: 3);
        edge.Routes.Faults[0] = new IOException("503 ServerBusy");
        edge.Routes.Faults[1] = new IOException("503 ServerBusy");
        edge.Routes.Write(edge.Snapshot(1, TwoSeconds, 3), 2);
        edge.Start();
        edge.Advance(300);

        Assert.Equal(1, edge.Followed[^1].Revision);
    }

    private static FollowedEdge Start(int replicas)
    {
        var edge = new FollowedEdge(random: new Random(3));
        byte[] snapshot = edge.Snapshot(1, TwoSeconds, replicas);
        edge.Routes.Write(snapshot, [.. Enumerable.Range(0, replicas)]);
        edge.Start();
        return edge;
    }
}
