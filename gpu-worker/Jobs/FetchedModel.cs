using System.Collections.Immutable;
using Pipeline.Onnx.Npz;

namespace Pipeline.GpuWorker.Jobs;

/// <summary>What a job works on, on this machine's disk, every byte checked against what was accepted.</summary>
internal sealed record FetchedModel
{
    public required string ModelPath { get; init; }

    /// <summary>Digests of external tensor files by their location in the model.</summary>
    public required ImmutableSortedDictionary<string, string> ExternalData { get; init; }

    public required ImmutableArray<GoldenFile> Golden { get; init; }
}

/// <summary>The arrays of one golden file.</summary>
internal sealed record GoldenFile(string Name, ImmutableArray<NpyArray> Arrays);
