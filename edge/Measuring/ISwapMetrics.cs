namespace Pipeline.Edge.Measuring;

/// <summary>What changing engines cost since the process started. Read by any thread.</summary>
internal interface ISwapMetrics
{
    /// <summary>Longest time from an accepted snapshot until its new engine served.</summary>
    TimeSpan LongestSwap { get; }

    /// <summary>Longest time that an exchange can have held requests.</summary>
    TimeSpan LongestStall { get; }

    /// <summary>Bytes of all engines loaded.</summary>
    long LoadedBytes { get; }
}
