namespace Pipeline.Engines;

/// <summary>Why a machine does not run a lane.</summary>
public enum LaneRefusalKind
{
    /// <summary>The backend itself does not work here.</summary>
    BackendMissing,

    /// <summary>Another runtime, or another version of it.</summary>
    OtherRuntime,

    /// <summary>Other hardware.</summary>
    OtherTarget,
}

/// <param name="Reason">A sentence with what is needed and what is here.</param>
public sealed record LaneRefusal(LaneRefusalKind Kind, string Reason);
