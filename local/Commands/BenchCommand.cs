using System.CommandLine;
using System.Diagnostics;
using Pipeline.Local.Environments;

namespace Pipeline.Local.Commands;

/// <summary><c>bench</c>: the measured claims of the documents. The measurements are a program of their own, bench/.</summary>
internal static class BenchCommand
{
    private static readonly Argument<string[]> Names = new("NAME")
    {
        Description = "What to measure: promotions, route, inspect, edge; everything when none is named",
        Arity = ArgumentArity.ZeroOrMore,
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<bool> Quick = new("--quick") { Description = "Fewer and shorter runs, to see that it works" };

    public static Command Create() =>
        new Command("bench", "Measure the pipeline on this machine") { Names, Quick }.Runs(RunAsync);

    private static async Task<int> RunAsync(CommandSession session, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(RepositoryLayout.Program("Bench"));
        foreach (string name in session.Get(Names)) start.ArgumentList.Add(name);
        if (session.Get(Quick)) start.ArgumentList.Add("--quick");
        if (session.Json) start.ArgumentList.Add("--json");
        using Process bench = Process.Start(start)!;
        // Ctrl-C reaches the measurements by the terminal; they stop what they started and end by themselves.
        await bench.WaitForExitAsync(CancellationToken.None);
        cancellationToken.ThrowIfCancellationRequested();
        return bench.ExitCode;
    }
}
