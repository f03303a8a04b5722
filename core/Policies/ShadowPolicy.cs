namespace Pipeline.Core.Policies;

/// <summary>
/// Requests that stable answers and the candidate runs too, off the critical path. The candidate's answer is compared and
/// thrown away.
/// </summary>
public sealed record ShadowPolicy
{
    /// <summary>Share of stable's requests, above 0, at most 100.</summary>
    public required double SharePercent { get; init; }

    /// <summary>
    /// An answer with a smaller cosine similarity in any output has diverged; of whole numbers, with a smaller share of equals.
    /// </summary>
    public double CosineMinimum { get; init; } = 0.99;

    /// <summary>An answer with a larger absolute error has diverged; null: not judged.</summary>
    public double? AbsoluteErrorMaximum { get; init; }

    /// <summary>Whether an answer with another top class in any row, or another whole number, has diverged.</summary>
    public bool Top1 { get; init; }

    /// <summary>Share of compared answers that may diverge, 0 to 1.</summary>
    public double DivergedShareMaximum { get; init; } = 0.01;
}
