namespace Pipeline.Edge.Measuring;

/// <summary>What the execution of one loaded engine shows of itself, as it is now. Read by any thread.</summary>
internal interface IEngineGauges
{
    /// <summary>Requests that no lane has taken yet.</summary>
    int QueueDepth { get; }

    /// <summary>Runs that may go on at the same time.</summary>
    int Lanes { get; }

    /// <summary>Threads of one run.</summary>
    int Threads { get; }
}
