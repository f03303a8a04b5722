using System.CommandLine;
using System.Globalization;
using Pipeline.Local.Environments;

namespace Pipeline.Local.Commands;

/// <summary><c>up</c>: the whole pipeline on this machine, until Ctrl-C.</summary>
internal static class UpCommand
{
    private static readonly Option<int> Edges = Count("--edges", "Number of edges (inference containers)");
    private static readonly Option<int> Workers = Count("--workers", "Number of workers (build containers)");

    public static Command Create() =>
        new Command("up", "Start the whole pipeline on this machine and keep it running until Ctrl-C")
        {
            Edges,
            Workers,
        }.Runs(RunAsync);

    private static async Task<int> RunAsync(CommandSession session, CancellationToken cancellationToken)
    {
        var options = new LocalEnvironmentOptions
        {
            DataDirectory = session.DataDirectory,
            Edges = session.Get(Edges),
            Workers = session.Get(Workers),
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
        foreach (Uri edge in environment.Edges) table.Row("edge", new Uri(edge, "v2/").ToString());
        foreach (string[] part in environment.Storage.Split(';').Select(p => p.Split('=', 2)))
        {
            if (part[0].EndsWith("Endpoint", StringComparison.Ordinal)) table.Row("storage", part[1]);
        }

        table.Row("Service Bus", environment.ServiceBus.Split(';')[0].Split('=', 2)[1])
            .Row("lanes", string.Join(", ", environment.Lanes))
            .Row("data, logs", environment.DataDirectory)
            .WriteTo(CommandSession.Out);
        CommandSession.Out.WriteLine(
            "The pipeline is up. Try './pipeline push FILE --model M --version 1'; Ctrl-C stops it.");
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
