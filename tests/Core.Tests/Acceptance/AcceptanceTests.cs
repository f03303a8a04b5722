using Pipeline.Core.Acceptance;
using Pipeline.Core.Builds;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;
using Pipeline.Core.Promotions;
using Decider = Pipeline.Core.Acceptance.Acceptance;

namespace Pipeline.Core.Tests.Acceptance;

public sealed class AcceptanceTests
{
    private static readonly Lane[] Deployed = [Some.Cpu, Some.Cuda];

    private static readonly UploadFacts Upload = new()
    {
        Id = new ModelVersion("ocr-rec", "4"),
        Source = Some.File("ocr-rec/4/model.onnx"),
        UploadedAt = Some.Now.AddSeconds(-1),
        ExternalData = [Some.File("ocr-rec/4/weights.data")],
        Golden = [Some.File("ocr-rec/4/golden/a.npz")],
        TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    };

    [Fact]
    public void GoodUpload_GetsTheNextNumberAndItsLanes()
    {
        Promotion promotion = Accepted(Upload);
        Assert.Equal(
            (7L, PromotionState.Accepted, Some.Now, Upload.UploadedAt),
            (promotion.AcceptanceNumber, promotion.State, promotion.AcceptedAt, promotion.UploadedAt));
        Assert.Equal("Accepted as number 7, to be built for 2 lanes.", promotion.StateReason);
        Assert.Equal(Deployed, promotion.Lanes);
        Assert.Equal(Upload.Source, promotion.Source);
        Assert.Equal(Upload.ExternalData, promotion.ExternalData);
        Assert.Equal(Upload.Golden, promotion.Golden);
        Assert.Equal(Upload.TraceParent, promotion.TraceParent);
        Assert.True(promotion.Policy.ApprovalRequired);
    }

    [Fact]
    public void Policy_OfTheUpload_IsFrozenAndChoosesTheLanes()
    {
        SourceFile file = Some.File("ocr-rec/4/promotion.json");
        Promotion promotion = Accepted(Upload with
        {
            PolicyFile = file,
            Policy = new PolicyReading { Policy = new PromotionPolicy { Lanes = [Some.Cuda], ApprovalRequired = false } },
        });
        Assert.Equal(file, promotion.PolicyFile);
        Assert.Equal([Some.Cuda], promotion.Lanes);
        Assert.False(promotion.Policy.ApprovalRequired);
    }

    [Fact]
    public void BadUpload_IsRejectedWithEveryReason()
    {
        var decision = Assert.IsType<AcceptanceDecision.Reject>(Decide(Upload with
        {
            ModelFault = "The file is not an ONNX model.",
            MissingExternalData = ["weights.data"],
            Policy = new PolicyReading { Policy = null, Errors = ["$.quorum: 9 is too many."] },
        }));
        Promotion promotion = decision.Promotion;
        Assert.Equal((null, PromotionState.Rejected), (promotion.AcceptanceNumber, promotion.State));
        Assert.Equal(PromotionState.Rejected, promotion.End!.State);
        Assert.Equal(
            "The file is not an ONNX model. The model needs 'weights.data', which is not beside it; upload it first, then "
            + "model.onnx again. promotion.json $.quorum: 9 is too many.",
            promotion.StateReason);
        Assert.Equal(promotion.StateReason, promotion.End.Reason);
        Assert.Empty(promotion.Lanes);
    }

    [Fact]
    public void Upload_WithNoLaneDeployed_IsRejected()
    {
        var decision = Assert.IsType<AcceptanceDecision.Reject>(Decider.Decide(Upload, null, 7, [], Some.Now));
        Assert.StartsWith("No lane is deployed", decision.Promotion.StateReason, StringComparison.Ordinal);
    }

    [Fact]
    public void Upload_WhoseBuildRequestFitsNoMessage_IsRejected()
    {
        Assert.IsType<AcceptanceDecision.Accept>(Decide(With(900)));
        var decision = Assert.IsType<AcceptanceDecision.Reject>(Decide(With(1900)));
        Assert.StartsWith("The names of its 1902 files", decision.Promotion.StateReason, StringComparison.Ordinal);
        Assert.EndsWith("Upload fewer files.", decision.Promotion.StateReason, StringComparison.Ordinal);

        static UploadFacts With(int golden) => Upload with
        {
            Golden = [.. Enumerable.Range(0, golden).Select(i => Some.File($"ocr-rec/4/golden/{i:D4}.npz"))],
        };
    }

    [Fact]
    public void RejectedVersion_MayBeUploadedAgain()
    {
        Promotion rejected = Rejected();
        Promotion promotion = Accepted(Upload with { Source = Some.File("ocr-rec/4/model.onnx", "better") }, rejected);
        Assert.Equal((7L, null), (promotion.AcceptanceNumber, promotion.End));
        // The same bytes too: what was missing beside them may be there now.
        Assert.Equal(7, Accepted(Upload, rejected).AcceptanceNumber);
    }

    [Fact]
    public void RejectedUpload_SeenTwice_ChangesNothing()
    {
        Promotion rejected = Rejected();
        var again = Assert.IsType<AcceptanceDecision.AlreadyAccepted>(
            Decide(Upload with { ModelFault = "Bad." }, rejected, Some.Now.AddHours(1)));
        Assert.Same(rejected, again.Promotion);
        Assert.False(again.Changed);
    }

    [Fact]
    public void RejectedUpload_WrittenAgain_IsKnownByItsNewETag()
    {
        UploadFacts again = Upload with { ModelFault = "Bad.", Source = Upload.Source with { ETag = "\"new\"" } };
        var decision = Assert.IsType<AcceptanceDecision.Reject>(Decide(again, Rejected()));
        Assert.Equal("\"new\"", decision.Promotion.Source.ETag);
    }

    [Fact]
    public void SameUpload_SeenTwice_ChangesNothing()
    {
        Promotion accepted = Accepted(Upload);
        var again = Assert.IsType<AcceptanceDecision.AlreadyAccepted>(Decide(Upload, accepted, Some.Now.AddHours(1)));
        Assert.Same(accepted, again.Promotion);
        Assert.False(again.Changed);
    }

    [Fact]
    public void SameBytes_WrittenAgain_RefreshTheETags()
    {
        Promotion accepted = Accepted(Upload);
        var again = Assert.IsType<AcceptanceDecision.AlreadyAccepted>(
            Decide(Upload with { Source = Upload.Source with { ETag = "\"new\"" } }, accepted));
        Assert.True(again.Changed);
        Assert.Equal(accepted.Source with { ETag = "\"new\"" }, again.Promotion.Source);
        Assert.Empty(again.Promotion.Notices);
    }

    [Fact]
    public void LaterPolicy_IsReportedOnceAndNeverUsed()
    {
        UploadFacts later = Upload with
        {
            PolicyFile = Some.File("ocr-rec/4/promotion.json", "later"),
            Policy = new PolicyReading { Policy = new PromotionPolicy { ApprovalRequired = false } },
        };
        var first = Assert.IsType<AcceptanceDecision.AlreadyAccepted>(Decide(later, Accepted(Upload)));
        Assert.True(first.Changed);
        Assert.True(first.Promotion.Policy.ApprovalRequired);
        Assert.Null(first.Promotion.PolicyFile);
        Assert.Contains("is reported, never used", Assert.Single(first.Promotion.Notices).Text, StringComparison.Ordinal);
        var second = Assert.IsType<AcceptanceDecision.AlreadyAccepted>(Decide(later, first.Promotion, Some.Now.AddHours(1)));
        Assert.False(second.Changed);
    }

    [Theory]
    [InlineData(PromotionState.Accepted, true)]
    [InlineData(PromotionState.Building, true)]
    [InlineData(PromotionState.Gated, false)]
    [InlineData(PromotionState.Held, false)]
    [InlineData(PromotionState.RollingOut, false)]
    [InlineData(PromotionState.Live, false)]
    [InlineData(PromotionState.RolledBack, false)]
    [InlineData(PromotionState.Rejected, false)]
    public void OtherBytes_UnderAnAcceptedVersion_AreRefused(PromotionState state, bool ends)
    {
        Promotion accepted = Accepted(Upload) with { State = state };
        UploadFacts other = Upload with { Source = Some.File("ocr-rec/4/model.onnx", "other bytes") };
        Promotion updated = Assert.IsType<AcceptanceDecision.RefuseOverwrite>(Decide(other, accepted)).Promotion;
        Assert.Contains("a version never changes", Assert.Single(updated.Notices).Text, StringComparison.Ordinal);
        Assert.Equal(accepted.Source, updated.Source);
        Assert.Equal(other.Source.ETag, updated.RefusedETag);
        Assert.Equal(ends ? PromotionState.Failed : state, updated.State);
        Assert.Equal(ends, updated.End is not null);
        if (ends) Assert.StartsWith("overwritten while building", updated.End!.Reason, StringComparison.Ordinal);
        // The message again changes nothing more.
        Assert.Same(updated, Assert.IsType<AcceptanceDecision.RefuseOverwrite>(Decide(other, updated)).Promotion);
    }

    [Fact]
    public void OtherExternalData_UnderAnAcceptedVersion_IsRefused() =>
        Assert.IsType<AcceptanceDecision.RefuseOverwrite>(
            Decide(Upload with { ExternalData = [Some.File("ocr-rec/4/weights.data", "other")] }, Accepted(Upload)));

    [Fact]
    public void Notices_AreBounded()
    {
        Promotion promotion = Accepted(Upload);
        for (int i = 0; i < 50; i++)
        {
            UploadFacts other = Upload with { Source = Some.File("ocr-rec/4/model.onnx", $"{i}") };
            promotion = Assert.IsType<AcceptanceDecision.RefuseOverwrite>(Decide(other, promotion)).Promotion;
        }

        Assert.Equal(Promotion.NoticesMaximum, promotion.Notices.Length);
    }

    private static AcceptanceDecision Decide(UploadFacts upload, Promotion? existing = null, DateTimeOffset? now = null) =>
        Decider.Decide(upload, existing, 7, Deployed, now ?? Some.Now);

    private static Promotion Accepted(UploadFacts upload, Promotion? existing = null) =>
        Assert.IsType<AcceptanceDecision.Accept>(Decide(upload, existing)).Promotion;

    private static Promotion Rejected() =>
        Assert.IsType<AcceptanceDecision.Reject>(Decide(Upload with { ModelFault = "Bad." })).Promotion;
}
