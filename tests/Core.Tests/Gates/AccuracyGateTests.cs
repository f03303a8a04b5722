using Pipeline.Core.Gates;
using Pipeline.Core.Policies;

namespace Pipeline.Core.Tests.Gates;

public sealed class AccuracyGateTests
{
    private static readonly AccuracyLimits Limits = new()
    {
        CosineMinimum = 0.999,
        AbsoluteErrorMaximum = 0.05,
        RelativeErrorMaximum = 0.1,
        Top1AgreementMinimum = 0.99,
    };

    private static readonly OutputAccuracy Good = new()
    {
        Name = "y",
        CosineMinimum = 0.9999,
        MaximumAbsoluteError = 0.01,
        MaximumRelativeError = 0.02,
        NanCount = 0,
        InfinityCount = 0,
        Top1Agreement = 1,
        ElementCount = 100,
    };

    [Fact]
    public void Evidence_WithinEveryLimit_PassesWithTheTightestMargin() =>
        AssertJudged(
            Verdict.Passed, Evidence(Good),
            "Every limit holds; the tightest: Output 'y': absolute error 0.01, at most 0.05.");

    [Fact]
    public void Evidence_AtTheVeryLimits_Passes() =>
        Assert.Equal(Verdict.Passed, Judge(Evidence(Good with
        {
            CosineMinimum = 0.999,
            MaximumAbsoluteError = 0.05,
            MaximumRelativeError = 0.1,
            Top1Agreement = 0.99,
        })).Verdict);

    [Theory]
    [InlineData(0.5)]
    [InlineData(1.0)]
    public void ReferenceOfNoise_WhateverItsCosine_IsInconclusive(double cosine) =>
        AssertJudged(
            Verdict.Inconclusive,
            Evidence(Good with { ReferenceMaximum = 1e-6, CosineMinimum = cosine, MaximumRelativeError = 1, Top1Agreement = 0 }),
            "Output 'y' was close to zero in every sample, where cosine similarity says nothing; upload golden inputs that "
            + "make it respond, with a new version.");

    [Fact]
    public void ReferenceOfNoise_WithAnErrorAboveItsLimit_Fails() =>
        Assert.Equal(Verdict.Failed, Judge(Evidence(Good with { ReferenceMaximum = 0, MaximumAbsoluteError = 0.5 })).Verdict);

    [Fact]
    public void ReferenceAboveNoise_IsJudged() =>
        Assert.Equal(Verdict.Passed, Judge(Evidence(Good with { ReferenceMaximum = 1e-5 })).Verdict);

    [Fact]
    public void EveryBrokenLimit_HasItsSentence() =>
        AssertJudged(
            Verdict.Failed,
            Evidence(Good with
            {
                CosineMinimum = 0.9,
                MaximumAbsoluteError = 0.5,
                MaximumRelativeError = double.PositiveInfinity,
                Top1Agreement = 0.5,
                NanCount = 1,
                InfinityCount = 2,
            }),
            "Output 'y' has 1 NaN value where the reference has none.",
            "Output 'y' has 2 infinite values where the reference is finite.",
            "Output 'y': cosine similarity 0.9 is below the limit of 0.999.",
            "Output 'y': absolute error 0.5 is above the limit of 0.05.",
            "Output 'y': relative error Infinity is above the limit of 0.1.",
            "Output 'y': top-1 agreement 0.5 is below the limit of 0.99.");

    [Fact]
    public void Number_ThatIsNone_FailsEvenWithoutALimit()
    {
        GateDecision decision = AccuracyGate.Judge(
            Evidence(Good with
            {
                CosineMinimum = double.NaN,
                MaximumAbsoluteError = double.NaN,
                MaximumRelativeError = double.NaN,
                Top1Agreement = double.NaN,
            }),
            new AccuracyLimits());
        Assert.Equal(Verdict.Failed, decision.Verdict);
        Assert.Equal(
            ["cosine similarity", "absolute error", "relative error", "top-1 agreement"],
            decision.Reasons.Select(r => r["Output 'y': ".Length..^" is not a number.".Length]));
    }

    [Fact]
    public void LimitsThatAreNull_AreNotJudged() =>
        Assert.Equal(
            Verdict.Passed,
            AccuracyGate.Judge(
                Evidence(Good with { MaximumAbsoluteError = 1e9, MaximumRelativeError = 1e9, Top1Agreement = null }),
                new AccuracyLimits()).Verdict);

    [Fact]
    public void ExpectedOutputs_AreJudgedToo() =>
        AssertJudged(
            Verdict.Failed, Evidence(Good) with { ExpectedOutputs = [Good with { CosineMinimum = 0.5 }] },
            "Output 'y' against the golden file's own: cosine similarity 0.5 is below the limit of 0.999.");

    [Fact]
    public void SecondOutput_IsJudgedToo() =>
        AssertJudged(
            Verdict.Failed, Evidence(Good, Good with { Name = "z", NanCount = 3 }),
            "Output 'z' has 3 NaN values where the reference has none.");

    [Fact]
    public void Evidence_WithoutSamplesOrOutputs_IsInconclusive()
    {
        AssertJudged(Verdict.Inconclusive, Evidence(Good) with { Samples = 0 }, "No sample was compared.");
        Assert.Equal(Verdict.Inconclusive, Judge(Evidence()).Verdict);
        Assert.Equal(Verdict.Inconclusive, Judge(Evidence() with { Outputs = default, ExpectedOutputs = default }).Verdict);
        AssertJudged(
            Verdict.Inconclusive, Evidence(Good with { ElementCount = 0 }),
            "Every output was empty: there was no element to compare.");
    }

    [Fact]
    public void Top1Limit_WithoutRows_IsInconclusive() =>
        AssertJudged(
            Verdict.Inconclusive, Evidence(Good with { Top1Agreement = null }),
            "The policy asks for top-1 agreement, but no output has rows with a largest element.");

    [Fact]
    public void BrokenLimit_OutweighsMissingEvidence() =>
        Assert.Equal(Verdict.Failed, Judge(Evidence(Good with { Top1Agreement = null, NanCount = 1 })).Verdict);

    [Fact]
    public void Reasons_OfManyOutputs_AreBounded()
    {
        GateDecision decision = Judge(Evidence([.. Enumerable.Range(0, 5000).Select(i => Good with { Name = $"y{i}", NanCount = 1 })]));
        Assert.Equal(11, decision.Reasons.Length);
        Assert.Equal("4990 more are in the report.", decision.Reasons[^1]);
    }

    private static AccuracyEvidence Evidence(params OutputAccuracy[] outputs) =>
        new() { Samples = 4, Inputs = "seeded", Reference = "ort", Outputs = [.. outputs] };

    private static GateDecision Judge(AccuracyEvidence evidence) => AccuracyGate.Judge(evidence, Limits);

    private static void AssertJudged(Verdict verdict, AccuracyEvidence evidence, params string[] reasons)
    {
        GateDecision decision = Judge(evidence);
        Assert.Equal((AccuracyGate.Name, verdict), (decision.Gate, decision.Verdict));
        Assert.Equal(reasons, decision.Reasons);
    }
}
