using System.Collections.Immutable;
using Pipeline.Core.Fleet;
using Pipeline.Edge.Routing;

namespace Pipeline.Edge.Measuring;

/// <summary>
/// Where the counts of each rollout's present step begin. Routes that change wake the reporter, which looks at once; what was
/// counted in between, or before this process started, is the step's loss and never its gain.
/// </summary>
internal sealed class StepBaselines
{
    private ImmutableArray<StepBaseline> current = [];

    /// <summary>The baselines of the steps that these routes are at; a step seen for the first time begins here.</summary>
    public ImmutableArray<StepBaseline> Follow(IEnumerable<ModelRoute> routes, IReadOnlyCollection<VersionCounters> counted) =>
        current =
        [
            .. routes.Where(r => r.StepRevision > 0).Select(route =>
                current.FirstOrDefault(s => s.Model == route.Model && s.Revision == route.StepRevision) ?? new StepBaseline
                {
                    Model = route.Model,
                    Revision = route.StepRevision,
                    Counters = [.. counted.Where(c => c.Model == route.Model)],
                }),
        ];
}
