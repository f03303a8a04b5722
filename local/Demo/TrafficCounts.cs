using System.Collections.Immutable;
using System.Diagnostics;

namespace Pipeline.Local.Demo;

/// <summary>
/// Counts the demo's requests: how many, how many failed, and who answered at which weight. Thread-safe.
/// </summary>
internal sealed class TrafficCounts(string candidate)
{
    private static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(500);

    private readonly Lock gate = new();
    private readonly SortedDictionary<int, (long All, long Candidate)> byWeight = [];
    private readonly HashSet<string> candidateUsers = [];
    private readonly Queue<(long At, string User, string Version)> recent = new();
    private long sent;
    private long failed;
    private int weight;

    public long Sent
    {
        get
        {
            lock (gate) return sent;
        }
    }

    public long Failed
    {
        get
        {
            lock (gate) return failed;
        }
    }

    /// <summary>The first failure, as a sentence.</summary>
    public string? FirstFailure { get; private set; }

    /// <summary>
    /// The first user who saw the candidate and then the stable version again while the rollout went on.
    /// </summary>
    public string? StrayedUser { get; private set; }

    /// <summary>
    /// The candidate's weight as the edge has it now, in buckets of 10,000; 0 when there is no candidate. A change is
    /// heard of a little after the edge made it, so the answers just before count for no weight.
    /// </summary>
    public void SetWeight(int value)
    {
        lock (gate)
        {
            if (weight == value) return;
            weight = value;
            recent.Clear();
        }
    }

    public void CountAnswer(string user, string version)
    {
        lock (gate)
        {
            sent++;
            if (weight == 0) return;
            long now = Stopwatch.GetTimestamp();
            recent.Enqueue((now, user, version));
            while (recent.TryPeek(out var oldest) && Stopwatch.GetElapsedTime(oldest.At, now) > Settled)
            {
                recent.Dequeue();
                Count(oldest.User, oldest.Version);
            }
        }
    }

    public void CountFailure(string why)
    {
        lock (gate)
        {
            sent++;
            failed++;
            FirstFailure ??= why;
        }
    }

    public ImmutableArray<WeightShare> Shares()
    {
        lock (gate)
        {
            return
            [
                .. byWeight.Select(w => new WeightShare
                {
                    WeightPercent = w.Key / 100.0,
                    Requests = w.Value.All,
                    SharePercent = Math.Round(100.0 * w.Value.Candidate / w.Value.All, 2),
                }),
            ];
        }
    }

    private void Count(string user, string version)
    {
        (long all, long ofCandidate) = byWeight.GetValueOrDefault(weight);
        bool isCandidate = version == candidate;
        byWeight[weight] = (all + 1, ofCandidate + (isCandidate ? 1 : 0));
        if (isCandidate) candidateUsers.Add(user);
        else if (candidateUsers.Contains(user)) StrayedUser ??= user;
    }
}
