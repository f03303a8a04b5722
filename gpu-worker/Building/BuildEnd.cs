using Pipeline.Engines;

namespace Pipeline.GpuWorker.Building;

/// <summary>How a build ended, as its child process says it.</summary>
internal enum BuildEndKind
{
    /// <summary>The engine is there, and loads.</summary>
    Built,

    /// <summary>The backend refused or failed; <see cref="BuildEnd.Error"/> says how.</summary>
    Failed,

    /// <summary>Something else is wrong, such as a full disk: worth another try.</summary>
    Trouble,

    /// <summary>Standard input was closed: the build was asked to stop, and did.</summary>
    Stopped,
}

/// <summary>The last line of a build's child process.</summary>
internal sealed record BuildEnd
{
    public required BuildEndKind Kind { get; init; }

    public EngineErrorKind? Error { get; init; }

    public string? Message { get; init; }

    /// <summary>The operator that the backend lacks.</summary>
    public string? Operator { get; init; }
}
