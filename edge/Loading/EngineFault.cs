using Pipeline.Engines;
using Pipeline.Engines.Cuda;

namespace Pipeline.Edge.Loading;

/// <summary>Why an engine does not serve. Reported by name: add only.</summary>
internal enum EngineFaultKind
{
    /// <summary>The signed statement does not allow this engine for this version and lane.</summary>
    StatementRefused,

    /// <summary>The source cannot be reached, is too slow, or has no such engine.</summary>
    DownloadFailed,

    /// <summary>The bytes are not those that the route names.</summary>
    DigestMismatch,

    /// <summary>It would take more memory than this edge may use.</summary>
    MemoryExceeded,

    /// <summary>The runtime refused the bytes.</summary>
    LoadFailed,

    /// <summary>It does not run on a shape that it is meant to serve.</summary>
    WarmUpFailed,

    /// <summary>The cache folder cannot be used: full, read-only or damaged.</summary>
    CacheFailed,

    /// <summary>The runtime did not come to an end with it in time; it was left behind.</summary>
    LoadTimedOut,

    /// <summary>An earlier process ended while it loaded this engine: once is a suspicion, twice speaks against it.</summary>
    CrashedProcess,
}

/// <param name="Sentence">What happened, for the one who reads the fleet report.</param>
internal sealed record EngineFault(EngineFaultKind Kind, string Sentence)
{
    /// <summary>
    /// Whether it speaks against this edge, the way to it or this moment, and not against the engine: such a fault must not
    /// take a version from the whole target.
    /// </summary>
    public bool IsOfTheEdge { get; init; } =
        Kind is EngineFaultKind.DownloadFailed or EngineFaultKind.CacheFailed or EngineFaultKind.MemoryExceeded;

    public override string ToString() => $"{Kind}: {Sentence}";
}

/// <summary>Carries a fault out of the loader.</summary>
internal sealed class EngineFaultException(EngineFault fault, Exception? cause = null)
    : Exception(fault.ToString(), cause)
{
    public EngineFault Fault { get; } = fault;

    /// <summary>
    /// What a backend's error means, or the fault that it is already; null for anything else. That memory ran out speaks against
    /// this edge, wherever it did.
    /// </summary>
    public static EngineFaultException? Of(Exception e, EngineFaultKind kind) => e switch
    {
        EngineFaultException known => known,
        EngineException { Kind: EngineErrorKind.OutOfMemory } or CudaException { IsOutOfMemory: true } =>
            new(new(EngineFaultKind.MemoryExceeded, $"The device ran out of memory: {e.Message}"), e),
        EngineException or CudaException => new(new(kind, e.Message), e),
        _ => null,
    };
}
