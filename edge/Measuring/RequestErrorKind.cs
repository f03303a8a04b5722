namespace Pipeline.Edge.Measuring;

/// <summary>Why a request that was routed to a version has no answer from it.</summary>
internal enum RequestErrorKind
{
    /// <summary>The engine failed: the version's error.</summary>
    RunFailed,

    /// <summary>The request's time was over while it waited here: the version's error, since it was too slow.</summary>
    DeadlineExceeded,

    /// <summary>As many waited as may: the edge's error, not the version's.</summary>
    QueueFull,

    /// <summary>Its sender went away: nobody's error.</summary>
    ClientGone,
}
