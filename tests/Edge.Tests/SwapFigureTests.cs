using System.Collections.Immutable;
using Pipeline.Core.Routing;
using Pipeline.Edge.Loading;
using Pipeline.Edge.Routing;
using Pipeline.Edge.Tests.Support;
using Pipeline.Testing;

namespace Pipeline.Edge.Tests;

/// <summary>What loads and swaps cost, as the metrics tell it.</summary>
public sealed class SwapFigureTests
{
    private static readonly byte[] First = TestEngines.Build(TinyOnnx.Add(1));
    private static readonly byte[] Second = TestEngines.Build(TinyOnnx.Add(2));

    [Fact]
    public async Task Swap_Counted_HasItsTimeAndItsBytes()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("add", First);
        long start = TimeProvider.System.GetTimestamp();
        edge.Publish(edge.Route("add", edge.Version("add", "2", Second)));
        await edge.WaitServingAsync("add", "2");
        await EdgeHarness.Until(() => edge.State.LastSwap > TimeSpan.Zero, "the swap is counted");

        Assert.Equal(1, edge.State.Swaps);
        Assert.Equal(edge.State.LastSwap, edge.State.LongestSwap);
        Assert.InRange(
            edge.State.LastSwap, TimeSpan.FromTicks(1), TimeProvider.System.GetElapsedTime(start));
        Assert.InRange(edge.State.LongestStall, TimeSpan.Zero, edge.State.LongestSwap);
        Assert.Equal(2, edge.Shelf.Figures.Loads);
        Assert.Equal(First.Length + Second.Length, edge.Shelf.Figures.LoadedBytes);
        Assert.InRange(edge.Shelf.Figures.LongestLoad, TimeSpan.FromTicks(1), edge.Shelf.Figures.LoadTime);
    }

    [Fact]
    public async Task Engine_DroppedButHeld_CountsAsDrainingWithItsMemory()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("add", First);
        LoadedEngine first = edge.State.Table.Models["add"].Stable!.Engine;
        Assert.True(first.TryAcquire());
        edge.Publish(edge.Route("add", edge.Version("add", "2", Second)));
        await EdgeHarness.Until(() => edge.Shelf.Figures.Draining == 1, "the old engine has left the shelf");
        Assert.Equal(first.MemoryBytes, edge.Shelf.Figures.DrainingMemoryBytes);
        Assert.Equal(
            edge.Shelf.Figures.LoadedMemoryBytes + first.MemoryBytes, edge.Shelf.MemoryBytes);

        first.Release();
        Assert.Equal(0, edge.Shelf.Figures.Draining);
        Assert.Equal(edge.Shelf.Figures.LoadedMemoryBytes, edge.Shelf.MemoryBytes);
    }

    [Fact]
    public async Task Engine_Loaded_CountsAtLeastItsEstimateAndAtMostTheNoiseBesideIt()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("add", First);
        Assert.InRange(
            edge.Shelf.Figures.LoadedMemoryBytes, 2 * First.Length, (4 * First.Length) + (64L << 20));
    }

    [Fact]
    public void Clock_OfASwap_StartsWithTheFirstRoutesThatNameTheEngine()
    {
        using var signer = new TestSigner();
        var time = new TestTimeProvider();
        var clock = new SwapClock("ort-1.0.0-cpu", time);
        clock.Accept(Routes(signer, 'a'));
        time.Advance(TimeSpan.FromSeconds(3));
        clock.Accept(Routes(signer, 'a'));
        time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(TimeSpan.FromSeconds(7), clock.Waited("add", new string('a', 64)));
        Assert.Equal(TimeSpan.Zero, clock.Waited("add", new string('b', 64)));

        clock.Accept(Routes(signer, 'b'));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(1), clock.Waited("add", new string('b', 64)));
        Assert.Equal(TimeSpan.Zero, clock.Waited("add", new string('a', 64)));
    }

    private static ImmutableArray<Route> Routes(TestSigner signer, char digest) =>
    [
        new Route
        {
            Model = "add",
            Target = "cpu-x64-avx2",
            Stable = new RoutedVersion
            {
                Version = "1",
                AcceptanceNumber = 1,
                Engines = ImmutableSortedDictionary<string, RoutedEngine>.Empty.Add("ort-1.0.0-cpu", new RoutedEngine
                {
                    EngineKey = new string(digest, 64),
                    EngineDigest = new string(digest, 64),
                    SizeBytes = 1,
                    Statement = signer.State("add", "1", new("cpu-x64-avx2", "ort-1.0.0-cpu"), new string(digest, 64)),
                }),
            },
        },
    ];
}
