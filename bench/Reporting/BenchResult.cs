using System.Collections.Immutable;

namespace Pipeline.Bench.Reporting;

/// <summary>What one measurement found.</summary>
internal sealed record BenchResult
{
    public required string Name { get; init; }

    /// <summary>What was measured and how often, one sentence.</summary>
    public required string What { get; init; }

    public ImmutableArray<BenchTable> Tables { get; init; } = [];

    public ImmutableArray<BenchGoal> Goals { get; init; } = [];

    /// <summary>Why it could not be measured.</summary>
    public string? Error { get; init; }
}

/// <param name="Name">What the rows are.</param>
/// <param name="Rows">Cells by column, every row with the same columns; a column's name ends in its unit.</param>
internal sealed record BenchTable(string Name, ImmutableArray<ImmutableArray<BenchCell>> Rows);

/// <param name="Column">A name such as <c>medianSeconds</c>.</param>
/// <param name="Value">A text, a whole number or a <see cref="double"/>.</param>
internal sealed record BenchCell(string Column, object Value)
{
    public static implicit operator BenchCell((string Column, object Value) cell) => new(cell.Column, cell.Value);
}

/// <param name="Goal">What is aimed at, one phrase.</param>
/// <param name="Measured">The number that is compared.</param>
internal sealed record BenchGoal(string Goal, double Measured, bool Met);
