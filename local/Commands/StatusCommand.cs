using System.Collections.Immutable;
using System.CommandLine;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;
using Pipeline.Local.Environments;
using Pipeline.Local.Management;

namespace Pipeline.Local.Commands;

/// <summary><c>status</c>: every promotion, those of a model, or the timeline of one version.</summary>
internal static class StatusCommand
{
    private static readonly Argument<string> Model = Optional(CommonOptions.Model("Only this model"));
    private static readonly Argument<string> Version = Optional(CommonOptions.Version());

    public static Command Create() =>
        new Command("status", "Show promotions, or the timeline of one version") { Model, Version }.Runs(RunAsync);

    /// <summary>Route changes on the targets of a promotion, whichever model they are of.</summary>
    private static async Task<ImmutableArray<RouteHistoryEntry>> HistoryOfAsync(
        ManagementClient management, PromotionView view, CancellationToken cancellationToken)
    {
        var history = ImmutableArray.CreateBuilder<RouteHistoryEntry>();
        foreach (string target in view.Routes.Select(r => r.Route.Target).Distinct())
            history.AddRange((await management.HistoryAsync(target, cancellationToken)).Entries);
        return history.ToImmutable();
    }

    private static async Task<int> RunAsync(CommandSession session, CancellationToken cancellationToken)
    {
        await using RunningEnvironment environment = session.OpenEnvironment();
        ManagementClient management = environment.Management;
        string? model = session.Find(Model);
        if (model is not null && session.Find(Version) is { } version)
            return await ShowVersionAsync(session, management, new ModelVersion(model, version), cancellationToken);

        PromotionList list = await management.ListAsync(model, cancellationToken);
        if (session.Json)
        {
            CommandSession.WriteJson(list);
            return ExitCodes.Ok;
        }

        var table = new TextTable("model", "version", "state", "since", "targets", "why");
        foreach (Promotion p in list.Promotions)
            table.Row(p.Model, p.Version, p.State.ToString(), Moments.Of(p.StateSince), TargetsOf(p), p.StateReason);
        table.WriteTo(CommandSession.Out);
        RouteList routes = await management.RoutesAsync(cancellationToken);
        WritePins(routes.Targets.SelectMany(t => t.Routes).Where(r => model is null || r.Route.Model == model));
        return ExitCodes.Ok;
    }

    private static string TargetsOf(Promotion promotion)
    {
        IEnumerable<string> targets = promotion.Lanes.GroupBy(l => l.Target)
            .Select(g => g.All(l => l.IsSimulated) ? LaneText.Simulated(g.Key) : g.Key);
        return promotion.Lanes.IsEmpty ? "-" : string.Join(", ", targets);
    }

    private static void WritePins(IEnumerable<RouteState> routes)
    {
        foreach (RouteState state in routes.Where(r => r.Pin is not null))
        {
            CommandSession.Out.WriteLine(
                $"pinned: {state.Route.Model} stays on {state.Route.Stable?.Version} on {state.Route.Target}, " +
                $"by {state.Pin!.Who} at {Moments.Of(state.Pin.At)}: {state.Pin.Why}");
        }
    }

    private static async Task<int> ShowVersionAsync(
        CommandSession session, ManagementClient management, ModelVersion id, CancellationToken cancellationToken)
    {
        PromotionView view = await management.GetAsync(id, cancellationToken);
        if (session.Json)
        {
            CommandSession.WriteJson(view);
            return ExitCodes.Ok;
        }

        CommandSession.Out.WriteLine($"{id} is {view.Promotion.State}: {view.Promotion.StateReason}");
        ImmutableArray<RouteHistoryEntry> history = await HistoryOfAsync(management, view, cancellationToken);
        foreach (TimelineEntry entry in PromotionTimeline.Of(view, history))
        {
            CommandSession.Out.WriteLine(
                $"{PromotionFollower.Seconds(entry.Seconds)}  {Moments.Of(entry.At)}  {entry.What}");
        }

        WritePins(view.Routes);
        foreach (LaneView lane in view.Lanes.Where(l => l.Record.Phase == LanePhase.Queued && l.Progress is not null))
        {
            CommandSession.Out.WriteLine(
                $"now: {LaneText.Of(lane.Record.Lane)} {lane.Progress!.Stage} {PromotionProgress.FractionOf(lane.Progress)}".TrimEnd() +
                $" on {lane.Progress.Worker}, " +
                $"told {Moments.Of(lane.Progress.UpdatedAt)}");
        }

        return ExitCodes.Ok;
    }

    private static Argument<string> Optional(Argument<string> argument)
    {
        argument.Arity = ArgumentArity.ZeroOrOne;
        return argument;
    }
}
