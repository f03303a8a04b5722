using System.Collections.Immutable;
using Pipeline.Core.Naming;
using Pipeline.Core.Routing;
using Pipeline.Edge.Tests.Support;

namespace Pipeline.Edge.Tests.Loading;

/// <summary>An engine is code: no backend is given a byte of it before its statement is verified and its digest is.</summary>
public sealed class VerifiedBytesTests
{
    private static readonly byte[] Good = TestEngines.Build(TinyOnnx.Add(1));
    private static readonly byte[] Evil = TestEngines.Build(TinyOnnx.Add(2));

    [Theory]
    [InlineData("other bytes in storage")]
    [InlineData("other bytes in the cache")]
    [InlineData("statement of a stranger")]
    [InlineData("statement of another engine")]
    [InlineData("statement of another model")]
    [InlineData("statement of another version")]
    [InlineData("statement of another target")]
    [InlineData("statement of another runtime")]
    [InlineData("snapshot of a stranger")]
    [InlineData("snapshot of another target")]
    public async Task Backend_IsNeverGivenUnverifiedBytes(string attack)
    {
        var device = new DeviceBackend(1L << 40);
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("add", Good, backend: device);
        using var stranger = new TestSigner();
        Route evil = edge.Route("add", edge.Version("add", "2", Evil));
        string digest = DeviceBackend.DigestOf(Evil);
        string target = evil.Target;
        string runtime = evil.Stable!.Engines.Keys.Single();
        Route Stated(TestSigner by, string model, string version, Lane lane, string engine) => evil with
        {
            Stable = evil.Stable with
            {
                Engines = ImmutableSortedDictionary<string, RoutedEngine>.Empty.Add(
                    runtime, evil.Stable.Engines[runtime] with { Statement = by.State(model, version, lane, engine) }),
            },
        };
        switch (attack)
        {
            case "other bytes in storage":
                edge.Engines.Files[digest] = [.. Evil, 0];
                edge.Publish(evil);
                break;
            case "other bytes in the cache":
                byte[] changed = [.. Evil];
                changed[^1] ^= 1;
                await File.WriteAllBytesAsync(
                    Path.Combine(edge.CacheDirectory, "engines", digest + ".engine"), changed, TestContext.Current.CancellationToken);
                edge.Engines.IsAway = true;
                edge.Publish(evil);
                break;
            case "statement of a stranger":
                edge.Publish(Stated(stranger, "add", "2", new(target, runtime), digest));
                break;
            case "statement of another engine":
                edge.Publish(Stated(edge.Signer, "add", "2", new(target, runtime), DeviceBackend.DigestOf(Good)));
                break;
            case "statement of another model":
                edge.Publish(Stated(edge.Signer, "sub", "2", new(target, runtime), digest));
                break;
            case "statement of another version":
                edge.Publish(Stated(edge.Signer, "add", "1", new(target, runtime), digest));
                break;
            case "statement of another target":
                edge.Publish(Stated(edge.Signer, "add", "2", new("sm_80", runtime), digest));
                break;
            case "statement of another runtime":
                edge.Publish(Stated(edge.Signer, "add", "2", new(target, "trt-11.1.0.106"), digest));
                break;
            case "snapshot of a stranger":
                edge.Routes.Publish(edge.Snapshot(9, stranger, evil));
                break;
            default:
                edge.Routes.Publish(edge.Snapshot("sm_80", 9, evil with { Target = "sm_80" }));
                break;
        }

        await edge.WaitReportAsync(
            r => r.SnapshotFault is not null || r.Engines.Any(e => e is { Version: "2", Reason: not null }), "the fault is reported");
        int reads = edge.Routes.Reads;
        await EdgeHarness.Until(() => edge.Routes.Reads > reads + 2, "it had its time to try again");
        Assert.Equal([DeviceBackend.DigestOf(Good)], device.Loads);
        Assert.Equal("1", (await edge.SendAsync(InferCall.Row("add", 0))).Version);
    }
}
