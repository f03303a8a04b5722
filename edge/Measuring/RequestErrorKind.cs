namespace Pipeline.Edge.Measuring;

/// <summary>Why a request that had its version got no answer from it.</summary>
internal enum RequestErrorKind
{
    /// <summary>The engine failed.</summary>
    RunFailed,

    /// <summary>The engine takes no such values, such as an index outside a table.</summary>
    InvalidInput,

    /// <summary>The time that its sender gave it was over before it ran.</summary>
    DeadlineExceeded,

    /// <summary>The version's queue was full.</summary>
    QueueFull,

    /// <summary>The client went away.</summary>
    ClientGone,
}

internal static class RequestErrorKinds
{
    public const int Count = 5;

    /// <summary>
    /// Whether it speaks against the version, in the fleet report and so in a rollout. Values that the engine refuses do: the split
    /// sends the same share of a sender's mistakes to both sides, so that more of them at the candidate are its own fault. A full
    /// queue and a sender's deadline tell of the load, and would hit the version that happens to get more traffic.
    /// </summary>
    public static bool IsOfVersion(this RequestErrorKind kind) => kind is RequestErrorKind.RunFailed or RequestErrorKind.InvalidInput;

    /// <summary>The word in metrics.</summary>
    public static string Word(this RequestErrorKind kind) => kind switch
    {
        RequestErrorKind.RunFailed => "run_failed",
        RequestErrorKind.InvalidInput => "invalid_input",
        RequestErrorKind.DeadlineExceeded => "deadline_exceeded",
        RequestErrorKind.QueueFull => "queue_full",
        _ => "client_gone",
    };
}
