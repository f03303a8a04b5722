namespace Pipeline.Core.Gates;

/// <summary>One round of a paired benchmark: two blocks of each engine, A B B A or B A A B, so that drift meets both alike.</summary>
public sealed record PairedRound
{
    /// <summary>The engine that serves.</summary>
    public required PairedSide Baseline { get; init; }

    /// <summary>The new engine.</summary>
    public required PairedSide Candidate { get; init; }
}
