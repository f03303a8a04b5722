namespace Pipeline.GpuWorker.Jobs;

/// <summary>What a job is doing, and how far it is, 0 to 1, where that can be told.</summary>
public readonly record struct JobProgress(string Stage, double? Fraction);
