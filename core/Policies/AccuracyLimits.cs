namespace Pipeline.Core.Policies;

/// <summary>Limits of the accuracy gate. NaN or infinity where the reference has none always fails.</summary>
public sealed record AccuracyLimits
{
    /// <summary>Smallest cosine similarity allowed, over every sample of every output.</summary>
    public double CosineMinimum { get; init; } = 0.999;

    /// <summary>Largest absolute error allowed; null: not judged.</summary>
    public double? AbsoluteErrorMaximum { get; init; }

    /// <summary>Largest relative error allowed; null: not judged.</summary>
    public double? RelativeErrorMaximum { get; init; }

    /// <summary>Smallest share of rows with the same top class; null: not judged.</summary>
    public double? Top1AgreementMinimum { get; init; }

    /// <summary>Input sets to make from a seed when the upload brings no golden files; 0 forbids seeded inputs.</summary>
    public int SeededSamples { get; init; } = 4;

    public int Seed { get; init; } = 1;
}
