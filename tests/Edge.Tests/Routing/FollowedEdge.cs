using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Core.Json;
using Pipeline.Core.Routing;
using Pipeline.Core.Signing;
using Pipeline.Edge.Routing;
using Pipeline.Edge.Tests.Support;
using Pipeline.Testing;

namespace Pipeline.Edge.Tests.Routing;

/// <summary>A follower alone, on a clock that stands still until a test moves it, so that everything happens inside the test.</summary>
internal sealed class FollowedEdge : ISnapshotFollower, IAsyncDisposable
{
    private const string Target = "cpu-x64-avx2";

    private readonly TemporaryFolder folder = new();
    private readonly TestSigner signer = new();
    private readonly EdgeOptions options;
    private CancellationTokenSource stop = new();
    private RouteFollower follower;
    private Task following = Task.CompletedTask;

    public FollowedEdge(TimeSpan? interval = null, Random? random = null, int replicas = 1)
    {
        Routes = new ScriptedRoutes(Clock);
        options = new EdgeOptions
        {
            Target = Target,
            RoutePollInterval = interval ?? TimeSpan.FromSeconds(30),
            RouteReplicas = replicas,
        };
        follower = NewFollower(random ?? new Random(1));
    }

    public TestTimeProvider Clock { get; } = new();

    public ScriptedRoutes Routes { get; }

    public EdgeState State { get; } = new();

    public List<RouteSnapshot> Followed { get; } = [];

    public int Retries { get; private set; }

    /// <summary>Time from each read to the next, in seconds.</summary>
    public double[] Waits => [.. Routes.Reads.Zip(Routes.Reads.Skip(1), (a, b) => b.AtSeconds - a.AtSeconds)];

    public bool HasEnded => following.IsCompleted;

    public byte[] Snapshot(long revision, TimeSpan? interval = null, int replicas = 1, TestSigner? by = null) =>
        PipelineJson.Write((by ?? signer).Sign(SignedEnvelope.RouteSnapshotType, new RouteSnapshot
        {
            Schema = RouteSnapshot.CurrentSchema,
            Target = Target,
            Revision = revision,
            Routes = [],
            PollInterval = interval,
            Replicas = replicas,
        }));

    public void Start() => following = follower.FollowAsync(stop.Token);

    /// <summary>What a new process over the same disk does.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        follower.Dispose();
        stop.Dispose();
        stop = new CancellationTokenSource();
        follower = NewFollower(new Random(2));
        Start();
    }

    /// <summary>Returns when the follower has ended.</summary>
    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);
    }

    public void Advance(double seconds) => Clock.Advance(TimeSpan.FromSeconds(seconds));

    public void Follow(RouteSnapshot snapshot) => Followed.Add(snapshot);

    public void Looked(string target) => Retries++;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        follower.Dispose();
        stop.Dispose();
        signer.Dispose();
        folder.Dispose();
    }

    private RouteFollower NewFollower(Random random) => new(
        Target, Routes, this, State, new SnapshotCache(folder.PathOf("cache"), NullLogger<SnapshotCache>.Instance),
        signer.Trusted, options, random, new NoWallClock(Clock), NullLogger<RouteFollower>.Instance);
}
