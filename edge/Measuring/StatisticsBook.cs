using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Pipeline.Edge.Measuring;

/// <summary>
/// The statistics of every version that serves, and of the last few that did: a version that comes back goes on
/// counting where it was, and reports stay bounded.
/// </summary>
internal sealed class StatisticsBook
{
    private const int RetiredMaximum = 16;

    private readonly ConcurrentDictionary<(string Model, string Version), VersionStatistics> all = new();
    private ImmutableArray<VersionStatistics> retired = [];
    private ImmutableArray<VersionStatistics> serving = [];

    public IReadOnlyCollection<VersionStatistics> All => [.. all.Values.OrderBy(s => (s.Model, s.Version))];

    public VersionStatistics Of(string model, string version) =>
        all.GetOrAdd((model, version), key => new VersionStatistics(key.Model, key.Version));

    /// <summary>Forgets the oldest of those that no longer serve. Called by the applier's loop only.</summary>
    public void Keep(ImmutableArray<VersionStatistics> nowServing)
    {
        ImmutableArray<VersionStatistics> gone = [.. retired.Concat(serving).Except(nowServing)];
        foreach (VersionStatistics oldest in gone.SkipLast(RetiredMaximum))
            all.TryRemove((oldest.Model, oldest.Version), out _);
        retired = [.. gone.TakeLast(RetiredMaximum)];
        serving = nowServing;
    }
}
