namespace Pipeline.Edge.Measuring;

/// <summary>A part of a request's time; see <see cref="RequestTimes"/>.</summary>
internal enum RequestStage
{
    Queue,
    Batch,
    Execute,
    Total,
}

internal static class RequestStages
{
    public const int Count = 4;

    /// <summary>The word in metrics.</summary>
    public static string Word(this RequestStage stage) => stage switch
    {
        RequestStage.Queue => "queue",
        RequestStage.Batch => "batch",
        RequestStage.Execute => "execute",
        _ => "total",
    };
}
