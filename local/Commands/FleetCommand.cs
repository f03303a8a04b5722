using System.CommandLine;
using System.Globalization;
using Pipeline.Core.Fleet;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Local.Environments;
using Pipeline.Local.Management;

namespace Pipeline.Local.Commands;

/// <summary><c>fleet</c>: the edges that report in, and what they serve.</summary>
internal static class FleetCommand
{
    public static Command Create() => new Command("fleet", "Show the edges and what they serve").Runs(RunAsync);

    private static async Task<int> RunAsync(CommandSession session, CancellationToken cancellationToken)
    {
        await using RunningEnvironment environment = session.OpenEnvironment();
        FleetList list = await environment.Management.FleetAsync(cancellationToken);
        if (session.Json)
        {
            CommandSession.WriteJson(list);
            return ExitCodes.Ok;
        }

        var table = new TextTable("edge", "lane", "revision", "reported", "engines", "requests", "errors", "fault");
        foreach (FleetMember member in list.Edges)
        {
            FleetReport report = member.Report;
            table.Row(
                report.Edge, LaneText.Of(new Lane(report.Target, report.Runtime)), Text(report.Revision), Moments.Of(member.ReportedAt),
                string.Join(", ", report.Engines.Select(e => $"{e.Model}/{e.Version} {e.Status}")),
                Text(report.Counters.Sum(c => c.Requests)), Text(report.Counters.Sum(c => c.Errors)),
                report.SnapshotFault ?? report.Engines.FirstOrDefault(e => e.Reason is not null)?.Reason ?? "-");
        }

        table.WriteTo(CommandSession.Out);
        foreach (string notice in list.Notices) CommandSession.Out.WriteLine($"note: {notice}");
        return ExitCodes.Ok;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
