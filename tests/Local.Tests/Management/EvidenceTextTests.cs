using Pipeline.Core.Rollouts;
using Pipeline.Local.Management;

namespace Pipeline.Local.Tests.Management;

public sealed class EvidenceTextTests
{
    [Fact]
    public void Of_ADecision_TellsBothSides_AndLeavesOutWhatWasNotMeasured()
    {
        var evidence = new RolloutEvidence
        {
            Action = RolloutAction.Withdraw,
            Reason = "Too many errors.",
            At = DateTimeOffset.UnixEpoch,
            Candidate = new SideEvidence
            {
                Requests = 500,
                Errors = 3,
                P50Milliseconds = 2.14,
                P99Milliseconds = 4,
                ShadowCompared = 300,
                ShadowDiverged = 12,
            },
            Stable = new SideEvidence { Requests = 0, Errors = 0 },
        };

        Assert.Equal(
            "candidate 3 of 500 requests failed, P50 2.14 ms, P99 4 ms, 12 of 300 shadows diverged; stable 0 of 0 requests failed",
            EvidenceText.Of(evidence));
    }
}
