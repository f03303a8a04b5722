using System.Collections.Immutable;

namespace Pipeline.GpuWorker.Jobs;

/// <summary>What a job works on, on this machine's disk, every byte checked against what was accepted.</summary>
internal sealed record FetchedModel
{
    public required string ModelPath { get; init; }

    /// <summary>Digests of external tensor files by their location in the model.</summary>
    public required ImmutableSortedDictionary<string, string> ExternalData { get; init; }

    public required ImmutableArray<GoldenFile> Golden { get; init; }
}

/// <summary>A golden file on disk; its arrays are read one file at a time, since all together may not fit the memory.</summary>
internal sealed record GoldenFile(string Name, string Path);
