using System.Collections.Immutable;

namespace Pipeline.Engines.Cuda;

/// <summary>A GPU of this machine.</summary>
public sealed record CudaDevice
{
    public required int Ordinal { get; init; }

    /// <summary>As NVIDIA names it, such as <c>NVIDIA H200</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The same after a restart and in every container, such as <c>GPU-2f1c...</c>.</summary>
    public required string Uuid { get; init; }

    /// <summary>Compute capability, such as 9 and 0.</summary>
    public required int Major { get; init; }

    public required int Minor { get; init; }

    public required int Multiprocessors { get; init; }

    public required long MemoryBytes { get; init; }

    /// <summary>The targets that it runs, the narrowest first: <c>sm_90-h200</c>, <c>sm_90</c>.</summary>
    public ImmutableArray<string> Targets => CudaProduct.Of(Name) is { } product
        ? [$"sm_{Major}{Minor}-{product}", $"sm_{Major}{Minor}"]
        : [$"sm_{Major}{Minor}"];
}
