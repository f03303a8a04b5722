namespace Pipeline.Edge.Measuring;

/// <summary>Why a request that had its version got no answer from it.</summary>
internal enum RequestErrorKind
{
    /// <summary>The engine failed.</summary>
    RunFailed,

    /// <summary>Its time was over before it was answered.</summary>
    DeadlineExceeded,

    /// <summary>The version's queue was full.</summary>
    QueueFull,

    /// <summary>The client went away.</summary>
    ClientGone,
}

internal static class RequestErrorKinds
{
    public const int Count = 4;

    /// <summary>
    /// Whether it speaks against the version, in the fleet report and so in a rollout. A full queue tells of the load and a
    /// client that left of the client: both would hit the version that happens to get more traffic.
    /// </summary>
    public static bool IsOfVersion(this RequestErrorKind kind) =>
        kind is RequestErrorKind.RunFailed or RequestErrorKind.DeadlineExceeded;

    /// <summary>The word in metrics.</summary>
    public static string Word(this RequestErrorKind kind) => kind switch
    {
        RequestErrorKind.RunFailed => "run_failed",
        RequestErrorKind.DeadlineExceeded => "deadline_exceeded",
        RequestErrorKind.QueueFull => "queue_full",
        _ => "client_gone",
    };
}
