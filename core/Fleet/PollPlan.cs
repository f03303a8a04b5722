namespace Pipeline.Core.Fleet;

/// <summary>
/// How often the edges of a target look for new routes: as often as storage answers that many edges, and no oftener than
/// is worth its price. The publisher decides it and signs it into the snapshot, since no edge knows how many others there are.
/// </summary>
public static class PollPlan
{
    /// <summary>Requests a second that storage answers for one blob; it refuses what goes beyond.</summary>
    public const int RequestsPerSecondMaximum = 500;

    /// <summary>What ordinary polls may take of them; the rest is for edges that start, and for those that lost a replica.</summary>
    public const double Share = 0.8;

    /// <summary>Most copies of one snapshot.</summary>
    public const int ReplicasMaximum = 32;

    /// <summary>The shortest and the longest interval that is ever told.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>The interval between two looks of one edge.</summary>
    /// <param name="edges">Edges that report; 0 when none has yet.</param>
    /// <param name="replicas">Blobs that hold the snapshot.</param>
    /// <param name="shortest">No shorter one is worth its requests, however few the edges are.</param>
    public static TimeSpan Interval(int edges, int replicas, TimeSpan shortest)
    {
        double requestsPerSecond = Share * RequestsPerSecondMaximum * ReplicasWithin(replicas);
        double seconds = Math.Max(0, edges) / (requestsPerSecond * PollWait.MeanShare(PollWait.Jitter));
        seconds = Math.Min(Math.Max(seconds, shortest.TotalSeconds), Longest.TotalSeconds);
        return Within(TimeSpan.FromMilliseconds(Math.Ceiling(seconds * 1000)));
    }

    /// <summary>
    /// Whether the interval that edges follow is worth replacing: more than an eighth off, so that each edge that comes or
    /// goes does not make the whole fleet read its routes again.
    /// </summary>
    public static bool IsOutdated(TimeSpan published, TimeSpan planned) => (planned - published).Duration() > published / 8;

    /// <summary>A signed interval, bounded: no slip of a publisher stops an edge from looking, or makes it look all the time.</summary>
    public static TimeSpan Within(TimeSpan interval) => interval < Shortest ? Shortest : interval > Longest ? Longest : interval;

    /// <summary>A signed number of replicas, bounded in the same way.</summary>
    public static int ReplicasWithin(int replicas) => Math.Clamp(replicas, 1, ReplicasMaximum);
}
