using Pipeline.Core.Policies;

namespace Pipeline.Edge.Shadowing;

/// <summary>Whether a shadow answer is outside any limit of the policy.</summary>
internal static class ShadowJudge
{
    public static bool Diverged(in ShadowComparison comparison, ShadowPolicy policy) =>
        comparison.IsUnlike
        || comparison.Cosine < policy.CosineMinimum
        || comparison.MaximumAbsoluteError > policy.AbsoluteErrorMaximum
        || (policy.Top1 && comparison.RowsAgreeing < comparison.Rows);
}
