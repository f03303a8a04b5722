using Pipeline.Core.Routing;
using Pipeline.Edge.Shadowing;

namespace Pipeline.Edge.Tests.Shadowing;

public sealed class ShadowSamplerTests
{
    private const int Requests = 1_000_000;

    [Theory]
    [InlineData(0.01)]
    [InlineData(1)]
    [InlineData(33.3)]
    [InlineData(99.9)]
    public void Share_OfManyRequests_IsTaken(double percent)
    {
        var sampler = new ShadowSampler(percent);
        double expected = Requests * percent / 100;
        // Six standard deviations of a fair draw.
        double slack = 6 * Math.Sqrt(expected * (1 - percent / 100));
        Assert.InRange(Numbers(_ => true).Count(n => sampler.Takes(n)), expected - slack, expected + slack);
    }

    [Fact]
    public void AHundredPercent_IsEveryRequest()
    {
        var sampler = new ShadowSampler(100);
        Assert.All(new ulong[] { 0, 1, 2, 1_000_000, ulong.MaxValue }, n => Assert.True(sampler.Takes(n)));
        Assert.Equal(Requests, Numbers(n => sampler.Takes(n)).Count());
    }

    [Fact]
    public void LargerShare_TakesWhatASmallerTook()
    {
        var small = new ShadowSampler(5);
        var large = new ShadowSampler(20);
        Assert.All(Numbers(n => small.Takes(n)), n => Assert.True(large.Takes(n)));
    }

    [Fact]
    public void Share_OfWhatTheSplitLeavesOnStable_IsTheSame()
    {
        var split = new StickySplit("add", "2");
        var sampler = new ShadowSampler(10);
        ulong[] stable = [.. Numbers(n => !split.TakesCandidate(n, 5_000))];
        Assert.InRange(stable.Count(n => sampler.Takes(n)), stable.Length * 0.095, stable.Length * 0.105);
    }

    [Fact]
    public void EveryHundredthRequest_OfOneClient_IsNotFavoured()
    {
        // A client that comes in turn with 99 others is shadowed as often as they are.
        var sampler = new ShadowSampler(10);
        Assert.InRange(Numbers(n => n % 100 == 7).Count(n => sampler.Takes(n)), 800, 1200);
    }

    private static IEnumerable<ulong> Numbers(Func<ulong, bool> condition) =>
        Enumerable.Range(1, Requests).Select(n => (ulong)n).Where(condition);
}
