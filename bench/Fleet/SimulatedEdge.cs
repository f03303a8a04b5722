using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Core.Routing;
using Pipeline.Core.Signing;
using Pipeline.Edge;
using Pipeline.Edge.Routing;

namespace Pipeline.Bench.Fleet;

/// <summary>The edge's own follower, with its polls and checks. It has no disk and loads no engines; only the time is noted.</summary>
internal sealed class SimulatedEdge : ISnapshotFollower, IDisposable
{
    private readonly VirtualClock clock;
    private readonly RouteFollower follower;
    private Task following = Task.CompletedTask;

    public SimulatedEdge(
        InMemoryOrigin origin, VirtualClock clock, TrustedKeys keys, EdgeOptions options, double jitter, int seed)
    {
        this.clock = clock;
        follower = new RouteFollower(
            options.Target, origin, this, new EdgeState(), cache: null, keys, options, new Random(seed), clock,
            NullLogger<RouteFollower>.Instance)
        {
            Jitter = jitter,
        };
    }

    /// <summary>The revision that is followed; 0 before the first.</summary>
    public long Revision { get; private set; }

    /// <summary>When it was first followed, in seconds of the clock.</summary>
    public double SinceSeconds { get; private set; }

    public void Start(CancellationToken stop) => following = follower.FollowAsync(stop);

    public void Follow(RouteSnapshot snapshot)
    {
        if (snapshot.Revision == Revision) return;
        Revision = snapshot.Revision;
        SinceSeconds = clock.Seconds;
    }

    public void Looked(string target)
    {
    }

    /// <exception cref="AggregateException">The follower ended by itself.</exception>
    public void Verify()
    {
        if (following.IsFaulted) following.Wait();
    }

    public void Dispose() => follower.Dispose();
}
