namespace Pipeline.Edge.Loading;

/// <summary>Why an engine does not serve. Reported by name: add only.</summary>
internal enum EngineFaultKind
{
    /// <summary>The signed statement does not allow this engine for this version and lane.</summary>
    StatementRefused,

    /// <summary>The source cannot be reached, or has no such engine.</summary>
    DownloadFailed,

    /// <summary>The bytes are not those that the route names.</summary>
    DigestMismatch,

    /// <summary>It would take more memory than this edge may use.</summary>
    MemoryExceeded,

    /// <summary>The runtime refused the bytes.</summary>
    LoadFailed,

    /// <summary>It does not run on a shape that it is meant to serve.</summary>
    WarmUpFailed,
}

/// <param name="Sentence">What happened, for the one who reads the fleet report.</param>
internal sealed record EngineFault(EngineFaultKind Kind, string Sentence)
{
    public override string ToString() => $"{Kind}: {Sentence}";
}

/// <summary>Carries a fault out of the loader.</summary>
internal sealed class EngineFaultException(EngineFault fault, Exception? cause = null)
    : Exception(fault.ToString(), cause)
{
    public EngineFault Fault { get; } = fault;
}
