using Pipeline.Core.Naming;
using Pipeline.Core.Policies;
using Pipeline.Core.Promotions;

namespace Pipeline.Core.Tests.Promotions;

public sealed class QuorumTests
{
    private static readonly Lane[] Lanes = [Some.Cpu, Some.Cuda, Some.TensorRt];

    [Theory]
    // Which lanes passed, which still build: c is the processor, u CUDA, t TensorRT (both on sm_75).
    [InlineData("all", "cut", "", true)]
    [InlineData("all", "cu", "t", false)]
    [InlineData("2", "cu", "", true)]
    [InlineData("2", "c", "ut", false)]
    [InlineData("cpu-x64-avx2", "c", "", true)]
    [InlineData("cpu-x64-avx2", "ut", "c", false)]
    [InlineData("sm_75", "ct", "u", false)]
    [InlineData("sm_75", "ut", "", true)]
    [InlineData("sm_90", "cut", "", false)]
    [InlineData("0.8", "c", "ut", true)]
    [InlineData("0.9", "c", "ut", false)]
    [InlineData("0.9", "cu", "", true)]
    [InlineData("1", "cut", "", true)]
    public void Forms_AreReached(string form, string passed, string building, bool reached)
    {
        Quorum quorum = Of(form, passed, building);
        Assert.Equal(reached, quorum.Reached);
    }

    [Theory]
    [InlineData("all", "cu", "t", true)]
    [InlineData("all", "cu", "", false)]
    [InlineData("2", "", "cu", true)]
    [InlineData("2", "", "c", false)]
    [InlineData("cpu-x64-avx2", "ut", "c", true)]
    [InlineData("cpu-x64-avx2", "u", "t", false)]
    [InlineData("0.9", "c", "t", false)]
    [InlineData("0.9", "c", "u", true)]
    public void Forms_AreWithinReach_WhileWhatBuildsCanStillPass(string form, string passed, string building, bool reachable) =>
        Assert.Equal(reachable, Of(form, passed, building).Reachable);

    [Fact]
    public void Share_WithoutAnyEdge_IsAll()
    {
        PromotionPolicy policy = Policy("0.5");
        Assert.False(Quorum.Of(policy, Lanes, [Some.Cpu, Some.Cuda], [], new Dictionary<Lane, int>()).Reached);
        Assert.True(Quorum.Of(policy, Lanes, Lanes, [], new Dictionary<Lane, int>()).Reached);
    }

    [Fact]
    public void Share_CountsOnlyEdgesThatTheVersionIsBuiltFor()
    {
        var edges = new Dictionary<Lane, int> { [Some.Cpu] = 1, [Lane.Parse("sm_90/trt-11.1.0.106")] = 99 };
        Assert.True(Quorum.Of(Policy("1"), Lanes, [Some.Cpu], [], edges).Reached);
    }

    [Fact]
    public void Nothing_IsNeverEnough() =>
        Assert.False(Quorum.Of(Policy("0.01"), [Some.Cpu], [], [], new Dictionary<Lane, int> { [Some.Cuda] = 1 }).Reached);

    [Theory]
    [InlineData("all", "3 needed", "every lane")]
    [InlineData("2", "2 needed", "2 lanes")]
    [InlineData("sm_75", "every lane of sm_75 needed", "every lane of sm_75")]
    [InlineData("0.85", "which 8 of 10 edges run, where 85 % are needed", "lanes that 85 % of the edges run")]
    public void Forms_AreTold(string form, string needed, string described)
    {
        Assert.Equal(needed, Of(form, "c", "").Needed);
        Assert.Equal(described, Quorum.Describe(Policy(form)));
    }

    private static Quorum Of(string form, string passed, string building) => Quorum.Of(
        Policy(form), Lanes, Pick(passed), Pick(building),
        new Dictionary<Lane, int> { [Some.Cpu] = 8, [Some.Cuda] = 2 });

    private static Lane[] Pick(string letters) => [.. letters.Select(l => Lanes["cut".IndexOf(l, StringComparison.Ordinal)])];

    private static PromotionPolicy Policy(string form) => form switch
    {
        "all" => new PromotionPolicy(),
        "2" => new PromotionPolicy { Quorum = 2 },
        _ when double.TryParse(form, System.Globalization.CultureInfo.InvariantCulture, out double share) =>
            new PromotionPolicy { QuorumFleetShare = share },
        _ => new PromotionPolicy { QuorumTargets = [form] },
    };
}
