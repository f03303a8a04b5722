using Pipeline.Core.Routing;
using Pipeline.Edge.Tests.Support;

namespace Pipeline.Edge.Tests.Measuring;

/// <summary>Where the counts of a rollout's step begin, as the fleet report tells it.</summary>
public sealed class StepReportTests
{
    [Fact]
    public async Task Step_BeginsWithWhatWasCountedWhenItsRouteCame_AndStaysSo()
    {
        await using EdgeHarness edge = await EdgeHarness.StartAsync();
        (RoutedVersion stable, RoutedVersion candidate) = await ServeAsync(edge);
        Assert.Empty(edge.Fleet.Last!.Steps);

        edge.Publish(edge.Route("add", stable, candidate) with { StepRevision = 2 });
        await edge.WaitReportAsync(r => r.Steps is [{ Model: "add", Revision: 2, Counters: [{ Requests: 3 }] }], "the step begins");
        await AskAsync(edge, 2);
        // The same step in a later snapshot, as when another model's route changes.
        long revision = edge.Publish(edge.Route("add", stable, candidate) with { StepRevision = 2 });
        await edge.WaitReportAsync(
            r => r.Revision == revision && r.Counters.Sum(c => c.Requests) == 5, "the counts go on");
        Assert.Equal(3, Assert.Single(edge.Fleet.Last!.Steps).Counters.Sum(c => c.Requests));

        edge.Publish(edge.Route("add", stable, candidate, 5_000) with { StepRevision = 4 });
        await edge.WaitReportAsync(
            r => r.Steps is [{ Revision: 4 } step] && step.Counters.Sum(c => c.Requests) == 5, "the next step begins");
        edge.Publish(edge.Route("add", stable));
        await edge.WaitReportAsync(r => r.Steps.IsEmpty, "the rollout is over");
    }

    [Fact]
    public async Task Process_ThatStartsWithinAStep_CountsItFromZero()
    {
        await using EdgeHarness edge = await EdgeHarness.StartAsync();
        (RoutedVersion stable, RoutedVersion candidate) = await ServeAsync(edge);
        edge.Publish(edge.Route("add", stable, candidate) with { StepRevision = 2 });
        await edge.WaitReportAsync(r => r.Steps is [{ Revision: 2 }], "the step begins");

        await edge.RestartAsync();

        await edge.WaitReportAsync(r => r.Steps is [{ Revision: 2 }], "the new process follows the step");
        Assert.Equal(0, Assert.Single(edge.Fleet.Last!.Steps).Counters.Sum(c => c.Requests));
    }

    /// <summary>Stable serves and has answered three requests; the candidate is built.</summary>
    private static async Task<(RoutedVersion Stable, RoutedVersion Candidate)> ServeAsync(EdgeHarness edge)
    {
        RoutedVersion stable = edge.Version("add", "1", TestEngines.Build(TinyOnnx.Add(1)));
        RoutedVersion candidate = edge.Version("add", "2", TestEngines.Build(TinyOnnx.Add(2)));
        edge.Publish(edge.Route("add", stable));
        await edge.WaitReadyAsync();
        await AskAsync(edge, 3);
        return (stable, candidate);
    }

    private static async Task AskAsync(EdgeHarness edge, int requests)
    {
        for (int i = 0; i < requests; i++) await edge.SendAsync(InferCall.Row("add", 0));
    }
}
