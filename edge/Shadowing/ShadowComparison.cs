namespace Pipeline.Edge.Shadowing;

/// <summary>How far a shadow answer is from stable's answer to the same request.</summary>
/// <param name="IsUnlike">
/// No number says how far: another shape or type, or an element that is not finite where the other side has something else.
/// Diverged under every policy.
/// </param>
/// <param name="Cosine">Cosine similarity; the smallest of several outputs.</param>
/// <param name="MaximumAbsoluteError">Over elements that are finite on both sides.</param>
/// <param name="Rows">Rows, or whole numbers, that name a class.</param>
/// <param name="RowsAgreeing">Those that name the same one.</param>
internal readonly record struct ShadowComparison(
    bool IsUnlike, double Cosine, double MaximumAbsoluteError, long Rows, long RowsAgreeing)
{
    /// <summary>Nothing is different: where combining starts.</summary>
    public static ShadowComparison Same { get; } = new(false, 1, 0, 0, 0);

    /// <summary>What can't be compared.</summary>
    public static ShadowComparison Unlike { get; } = new(true, 0, 0, 0, 0);

    /// <summary>Share of rows with the same top class, 0 to 1; 1 without rows.</summary>
    public double Top1Agreement => Rows == 0 ? 1 : (double)RowsAgreeing / Rows;

    /// <summary>Both outputs of one answer together.</summary>
    public ShadowComparison With(in ShadowComparison other) => new(
        IsUnlike || other.IsUnlike,
        Math.Min(Cosine, other.Cosine),
        Math.Max(MaximumAbsoluteError, other.MaximumAbsoluteError),
        Rows + other.Rows,
        RowsAgreeing + other.RowsAgreeing);
}
