using System.CommandLine;
using System.Diagnostics;
using Pipeline.Local.Demo;
using Pipeline.Local.Environments;

namespace Pipeline.Local.Commands;

/// <summary>
/// <c>demo</c>: starts everything, plays the story of a model from upload to rollback, stops everything.
/// </summary>
internal static class DemoCommand
{
    private static readonly Option<bool> Keep = new("--keep")
    {
        Description = "Leave everything running afterwards, until Ctrl-C, and keep its data",
    };

    public static Command Create() =>
        new Command(
            "demo", "Promote a real model on this machine, from upload to rollback (with --json: the last line)")
        {
            Keep,
        }.Runs(RunAsync);

    private static async Task<int> RunAsync(CommandSession session, CancellationToken cancellationToken)
    {
        bool ownFolder = !session.DataDirectoryGiven;
        string data = ownFolder ? Directory.CreateTempSubdirectory("pipeline-demo-").FullName : session.DataDirectory;
        bool done = false;
        try
        {
            await PlayAsync(session, data, cancellationToken);
            done = true;
        }
        finally
        {
            // What went wrong is in the logs there.
            if (ownFolder && done && !session.Get(Keep)) Directory.Delete(data, recursive: true);
            else session.Narrator.Say($"The data and the logs are in '{data}'.");
        }

        return ExitCodes.Ok;
    }

    private static async Task PlayAsync(CommandSession session, string data, CancellationToken cancellationToken)
    {
        Narrator narrator = session.Narrator;
        long startedAt = Stopwatch.GetTimestamp();
        narrator.Say("== Everything starts: storage, Service Bus, functions, a worker and an edge, each a process");
        DemoResult result;
        var options = new LocalEnvironmentOptions { DataDirectory = data };
        await using (LocalEnvironment environment = await narrator.DuringAsync(
            "Starting", () => LocalEnvironment.StartAsync(options, narrator.Say, cancellationToken)))
        {
            string work = Path.Combine(data, "demo");
            Directory.CreateDirectory(work);
            using (var demo = new DemoRun(narrator, environment.Description, work))
            {
                result = await demo.RunAsync(cancellationToken);
            }

            if (session.Get(Keep))
            {
                narrator.Say($"Everything runs on; try './pipeline status --data {data}'. Ctrl-C stops it.");
                await Endless.WaitAsync(cancellationToken);
            }
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(startedAt);
        narrator.Say($"\nEvery step held; everything is stopped after {elapsed.TotalSeconds:0.0} s.");
        if (session.Json) CommandSession.WriteJson(result, onOneLine: true);
    }
}
