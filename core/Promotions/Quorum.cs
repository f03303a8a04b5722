using System.Globalization;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;

namespace Pipeline.Core.Promotions;

/// <summary>Whether enough lanes have passed for traffic to move, in the form that the policy chose.</summary>
public sealed record Quorum
{
    /// <summary>The lanes that passed are enough.</summary>
    public required bool Reached { get; init; }

    /// <summary>Not yet, but they will be if what still builds passes.</summary>
    public required bool Reachable { get; init; }

    /// <summary>What is asked for, as the middle of a sentence: <c>2 needed</c>.</summary>
    public required string Needed { get; init; }

    /// <param name="lanes">Every lane of the version.</param>
    /// <param name="passed">Those whose gates have passed.</param>
    /// <param name="building">Those that have no outcome yet.</param>
    /// <param name="edges">How many edges of each lane reported lately.</param>
    public static Quorum Of(
        PromotionPolicy policy, IReadOnlyCollection<Lane> lanes, IReadOnlyCollection<Lane> passed,
        IReadOnlyCollection<Lane> building, IReadOnlyDictionary<Lane, int> edges)
    {
        // Edges that this version is not built for can never run it; without any other there is no share to speak of.
        int fleet = lanes.Sum(l => edges.GetValueOrDefault(l));
        if (!policy.QuorumTargets.IsEmpty)
            return Create($"every lane of {string.Join(", ", policy.QuorumTargets)} needed", WholeTargets);
        if (policy.QuorumFleetShare is { } share && fleet > 0)
            return Create(InFleet(EdgesOf(passed), fleet, share), p => EdgesOf(p) >= (decimal)share * fleet);
        int count = Math.Max(1, policy.Quorum ?? lanes.Count);
        return Create($"{count} needed", p => p.Count >= count);

        bool WholeTargets(IReadOnlyCollection<Lane> good) => policy.QuorumTargets.All(t =>
            lanes.Any(l => l.Target == t) && lanes.Where(l => l.Target == t).All(good.Contains));

        int EdgesOf(IReadOnlyCollection<Lane> good) => good.Sum(l => edges.GetValueOrDefault(l));

        Quorum Create(string needed, Func<IReadOnlyCollection<Lane>, bool> enough) => new()
        {
            Reached = passed.Count > 0 && enough(passed),
            Reachable = building.Count > 0 && enough([.. passed, .. building]),
            Needed = needed,
        };
    }

    /// <summary>The form, for people who read what a version waits for: <c>2 lanes</c>.</summary>
    public static string Describe(PromotionPolicy policy) => policy switch
    {
        { QuorumTargets.IsEmpty: false } => $"every lane of {string.Join(", ", policy.QuorumTargets)}",
        { QuorumFleetShare: { } share } => $"lanes that {Percent(share)} of the edges run",
        { Quorum: { } count } => Sentence.Count(count, "lane"),
        _ => "every lane",
    };

    private static string InFleet(int carried, int fleet, double share) =>
        $"which {carried} of {Sentence.Count(fleet, "edge")} run, where {Percent(share)} are needed";

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.##} %");
}
