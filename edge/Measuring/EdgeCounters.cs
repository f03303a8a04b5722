using System.Collections.Concurrent;

namespace Pipeline.Edge.Measuring;

/// <summary>Counts of the whole process that belong to no version.</summary>
internal sealed class EdgeCounters
{
    private readonly ConcurrentDictionary<int, long> refused = new();
    private long clientsGone;
    private long reportFailures;

    /// <summary>Requests answered with a problem, by HTTP status.</summary>
    public IEnumerable<KeyValuePair<int, long>> Refused => refused.OrderBy(r => r.Key);

    public long ClientsGone => Interlocked.Read(ref clientsGone);

    public long ReportFailures => Interlocked.Read(ref reportFailures);

    public void CountRefused(int status) => refused.AddOrUpdate(status, 1, (_, count) => count + 1);

    public void CountClientGone() => Interlocked.Increment(ref clientsGone);

    public void CountReportFailure() => Interlocked.Increment(ref reportFailures);
}
