namespace Pipeline.Bench.Fleet;

/// <summary>What the origin was asked and what it sent, since it began to count.</summary>
internal sealed class OriginCounts
{
    public long Requests { get; set; }

    /// <summary>Answered with 503.</summary>
    public long Refused { get; set; }

    /// <summary>Most requests for one blob in one second, those refused included.</summary>
    public int PeakPerBlob { get; set; }

    /// <summary>Bytes that left the origin.</summary>
    public long Bytes { get; set; }
}
