using System.CommandLine;
using System.Globalization;
using Pipeline.Core.Management;
using Pipeline.Core.Routing;
using Pipeline.Local.Environments;
using Pipeline.Local.Management;

namespace Pipeline.Local.Commands;

/// <summary><c>routes</c>: who serves what, on every target.</summary>
internal static class RoutesCommand
{
    public static Command Create() =>
        new Command("routes", "Show which version serves each model on each target").Runs(RunAsync);

    private static async Task<int> RunAsync(CommandSession session, CancellationToken cancellationToken)
    {
        await using RunningEnvironment environment = session.OpenEnvironment();
        RouteList list = await environment.Management.RoutesAsync(cancellationToken);
        if (session.Json)
        {
            CommandSession.WriteJson(list);
            return ExitCodes.Ok;
        }

        var table = new TextTable("target", "revision", "model", "stable", "runtimes", "candidate", "weight", "previous", "pinned");
        foreach (TargetRoutes target in list.Targets)
        {
            foreach (RouteState state in target.Routes)
            {
                Route route = state.Route;
                table.Row(
                    target.Target, target.Revision.ToString(CultureInfo.InvariantCulture), route.Model,
                    route.Stable?.Version ?? "-", RuntimesOf(route), route.Candidate?.Version ?? "-",
                    route.Candidate is null ? "-" : PromotionProgress.WeightOf(route), state.Previous?.Version ?? "-",
                    state.Pin is { } pin ? $"by {pin.Who} at {Moments.Of(pin.At)}: {pin.Why}" : "-");
            }
        }

        table.WriteTo(CommandSession.Out);
        return ExitCodes.Ok;
    }

    private static string RuntimesOf(Route route)
    {
        IEnumerable<string> runtimes = new[] { route.Stable, route.Candidate }.OfType<RoutedVersion>()
            .SelectMany(v => v.Engines.Keys).Distinct().Select(LaneText.OfRuntime);
        return string.Join(", ", runtimes.DefaultIfEmpty("-"));
    }
}
