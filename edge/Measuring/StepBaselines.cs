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
    private ImmutableArray<(string Target, StepBaseline Step)> current = [];

    /// <summary>
    /// The baselines of the steps that these routes are at, with their targets, which count their revisions apart; a step seen
    /// for the first time begins here.
    /// </summary>
    public ImmutableArray<(string Target, StepBaseline Step)> Follow(
        IEnumerable<ModelRoute> routes, IReadOnlyCollection<VersionCounters> counted) =>
        current = [.. routes.Where(r => r.StepRevision > 0).Select(route => (route.Target, Known(route) ?? Begin(route, counted)))];

    private StepBaseline? Known(ModelRoute route) => current.FirstOrDefault(
        s => s.Target == route.Target && s.Step.Model == route.Model && s.Step.Revision == route.StepRevision).Step;

    private static StepBaseline Begin(ModelRoute route, IReadOnlyCollection<VersionCounters> counted) => new()
    {
        Model = route.Model,
        Revision = route.StepRevision,
        Counters = [.. counted.Where(c => c.Model == route.Model)],
    };
}
