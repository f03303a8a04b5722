using System.CommandLine;
using System.Globalization;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Core.Routing;
using Pipeline.Local.Environments;
using Pipeline.Local.Management;

namespace Pipeline.Local.Commands;

/// <summary><c>history</c>: every route change of a target, with who and why.</summary>
internal static class HistoryCommand
{
    private static readonly Argument<string> Target =
        new Argument<string>("TARGET") { Description = "Hardware target, such as cpu-x64-avx2" }
            .Checked(Names.IsTarget, "a target, such as 'cpu-x64-avx2' or 'sm_75'");

    public static Command Create() =>
        new Command("history", "Show the route changes of a target, newest first") { Target }.Runs(RunAsync);

    private static async Task<int> RunAsync(CommandSession session, CancellationToken cancellationToken)
    {
        await using RunningEnvironment environment = session.OpenEnvironment();
        HistoryList list = await environment.Management.HistoryAsync(session.Get(Target), cancellationToken);
        if (session.Json)
        {
            CommandSession.WriteJson(list);
            return ExitCodes.Ok;
        }

        var table = new TextTable("revision", "at", "model", "before", "after", "who", "numbers", "why");
        foreach (RouteHistoryEntry entry in list.Entries)
        {
            table.Row(
                entry.Revision.ToString(CultureInfo.InvariantCulture), Moments.Of(entry.At), entry.After.Model,
                Short(entry.Before), Short(entry.After), entry.Who,
                entry.Evidence is { } evidence ? EvidenceText.Of(evidence) : "-", entry.Why);
        }

        table.WriteTo(CommandSession.Out);
        return ExitCodes.Ok;
    }

    private static string Short(Route? route) => route switch
    {
        null => "-",
        { Candidate: { } candidate } =>
            $"{route.Stable?.Version ?? "-"} + {candidate.Version} at {PromotionProgress.WeightOf(route)}{LaneText.MarkOf(route)}",
        _ => $"{route.Stable?.Version ?? "-"}{LaneText.MarkOf(route)}",
    };
}
