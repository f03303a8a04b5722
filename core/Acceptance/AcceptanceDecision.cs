using Pipeline.Core.Promotions;

namespace Pipeline.Core.Acceptance;

/// <summary>What becomes of an upload. Each case carries the row as it should be afterwards.</summary>
public abstract record AcceptanceDecision
{
    private AcceptanceDecision()
    {
    }

    /// <summary>It gets the next acceptance number and is built for its lanes.</summary>
    public sealed record Accept(Promotion Promotion) : AcceptanceDecision;

    /// <summary>It ends as Rejected with every reason, without a number; the version may be uploaded again.</summary>
    public sealed record Reject(Promotion Promotion) : AcceptanceDecision;

    /// <summary>The same upload was decided before; write the row only when it changed (a notice, a refreshed ETag).</summary>
    public sealed record AlreadyAccepted(Promotion Promotion, bool Changed) : AcceptanceDecision;

    /// <summary>Other bytes came under an accepted version: they are refused, and said so in the row.</summary>
    public sealed record RefuseOverwrite(Promotion Promotion) : AcceptanceDecision;
}
