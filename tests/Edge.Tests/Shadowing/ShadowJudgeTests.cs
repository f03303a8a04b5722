using Pipeline.Core.Policies;
using Pipeline.Edge.Shadowing;

namespace Pipeline.Edge.Tests.Shadowing;

public sealed class ShadowJudgeTests
{
    private static readonly ShadowPolicy Cosine = new() { SharePercent = 1, CosineMinimum = 0.9 };
    private static readonly ShadowPolicy All = Cosine with { AbsoluteErrorMaximum = 0.5, Top1 = true };

    [Fact]
    public void Answers_AtEveryLimit_HaveNotDiverged()
    {
        var atLimits = new ShadowComparison(false, 0.9, 0.5, 10, 10);
        Assert.False(ShadowJudge.Diverged(atLimits, All));
        Assert.True(ShadowJudge.Diverged(atLimits with { Cosine = 0.8999 }, All));
        Assert.True(ShadowJudge.Diverged(atLimits with { MaximumAbsoluteError = 0.51 }, All));
        Assert.True(ShadowJudge.Diverged(atLimits with { RowsAgreeing = 9 }, All));
    }

    [Fact]
    public void Limits_ThatThePolicyDoesNotSet_AreNotJudged() =>
        Assert.False(ShadowJudge.Diverged(new ShadowComparison(false, 0.95, double.PositiveInfinity, 10, 0), Cosine));

    [Fact]
    public void Unlike_UnderAnyPolicy_HasDiverged() =>
        Assert.True(ShadowJudge.Diverged(ShadowComparison.Unlike, Cosine with { CosineMinimum = -1 }));
}
