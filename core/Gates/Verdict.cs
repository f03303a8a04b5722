namespace Pipeline.Core.Gates;

/// <summary>What a gate says. Only <see cref="Passed"/> promotes.</summary>
public enum Verdict
{
    /// <summary>Every limit holds.</summary>
    Passed,

    /// <summary>The model is bad: a limit was measured and does not hold.</summary>
    Failed,

    /// <summary>Not enough evidence: hold, and let a person decide.</summary>
    Inconclusive,

    /// <summary>It could not be measured.</summary>
    Error,
}
