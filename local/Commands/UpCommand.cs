using System.CommandLine;
using System.Globalization;
using Pipeline.Local.Environments;
using Pipeline.Local.Management;

namespace Pipeline.Local.Commands;

/// <summary><c>up</c>: the whole pipeline on this machine, until Ctrl-C.</summary>
internal static class UpCommand
{
    private static readonly Option<int> Edges = Count("--edges", "Number of edges (inference containers)");
    private static readonly Option<int> Workers = Count("--workers", "Number of workers (build containers)");

    private static readonly Option<string[]> SimulatedGpus = Targets();

    public static Command Create() =>
        new Command("up", "Start the whole pipeline on this machine and keep it running until Ctrl-C")
        {
            Edges,
            Workers,
            SimulatedGpus,
        }.Runs(RunAsync);

    private static async Task<int> RunAsync(CommandSession session, CancellationToken cancellationToken)
    {
        var options = new LocalEnvironmentOptions
        {
            DataDirectory = session.DataDirectory,
            Edges = session.Get(Edges),
            Workers = session.Get(Workers),
            SimulatedGpus = SimulatedTargets.Read(session.Get(SimulatedGpus) ?? [], out _),
        };
        await using LocalEnvironment environment = await session.Narrator.DuringAsync(
            "Starting", () => LocalEnvironment.StartAsync(options, session.Narrator.Say, cancellationToken));
        if (session.Json) CommandSession.WriteJson(environment.Description);
        else Print(environment.Description);
        await CommandSession.Out.FlushAsync(cancellationToken);
        await Endless.WaitAsync(cancellationToken);
        session.Narrator.Say("Stopping.");
        return ExitCodes.Ok;
    }

    private static void Print(EnvironmentDescription environment)
    {
        var table = new TextTable("what", "where")
            .Row("management API", new Uri(environment.Functions, "api/").ToString());
        string real = string.Join(", ", environment.Lanes.Where(l => !l.IsSimulated));
        foreach (Uri edge in environment.Edges.Except(environment.SimulatedGpus.Select(g => g.EdgeAddress)))
            table.Row("edge", $"{edge}v2/  {real}");
        foreach (SimulatedGpu gpu in environment.SimulatedGpus) table.Row("edge", $"{gpu.EdgeAddress}v2/  {LaneText.Of(gpu.Lane)}");
        foreach (string[] part in environment.Storage.Split(';').Select(p => p.Split('=', 2)))
        {
            if (part[0].EndsWith("Endpoint", StringComparison.Ordinal)) table.Row("storage", part[1]);
        }

        table.Row("Service Bus", environment.ServiceBus.Split(';')[0].Split('=', 2)[1])
            .Row("lanes", string.Join(", ", environment.Lanes.Select(LaneText.Of)))
            .Row("data, logs", environment.DataDirectory)
            .WriteTo(CommandSession.Out);
        CommandSession.Out.WriteLine(
            "The pipeline is up. Try './pipeline push FILE --model M --version 1'; Ctrl-C stops it.");
    }

    private static Option<string[]> Targets()
    {
        var option = new Option<string[]>("--simulate-gpu")
        {
            Description =
                $"GPU targets to simulate, such as sm_75,sm_90-h200: a worker and an edge for each, at most {SimulatedTargets.Maximum}",
            HelpName = "LIST",
            DefaultValueFactory = _ => [],
        };
        option.Validators.Add(result =>
        {
            SimulatedTargets.Read(result.Tokens.Select(t => t.Value), out string? fault);
            if (fault is not null) result.AddError($"{option.Name} {fault}.");
        });
        return option;
    }

    private static Option<int> Count(string name, string description)
    {
        const int Maximum = 64;
        var option = new Option<int>(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] &&
                !(int.TryParse(token.Value, CultureInfo.InvariantCulture, out int count)
                    && count is >= 0 and <= Maximum))
            {
                result.AddError($"{name} is '{token.Value}'; write a number from 0 to {Maximum}.");
            }
        });
        return option;
    }
}
