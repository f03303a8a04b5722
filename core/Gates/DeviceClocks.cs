namespace Pipeline.Core.Gates;

/// <summary>Clocks of a GPU in MHz, read just after it worked: a GPU that runs below its maximum gives other numbers.</summary>
public sealed record DeviceClocks
{
    /// <summary>Of the multiprocessors.</summary>
    public required int SmMegahertz { get; init; }

    public required int SmMaximumMegahertz { get; init; }

    public required int MemoryMegahertz { get; init; }

    public required int MemoryMaximumMegahertz { get; init; }
}
