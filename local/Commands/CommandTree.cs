using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace Pipeline.Local.Commands;

/// <summary>Every command, and how the command line is read.</summary>
internal static class CommandTree
{
    // Stopping an environment takes its processes' time; without this the parser gives up after two seconds.
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(string[] arguments)
    {
        ParseResult parse = Create().Parse(arguments);
        if (parse.Action is ParseErrorAction)
        {
            foreach (ParseError error in parse.Errors) await Console.Error.WriteLineAsync(error.Message);
            await Console.Error.WriteLineAsync($"See './pipeline {PathOf(parse.CommandResult)}--help'.");
            return ExitCodes.Usage;
        }

        return await parse.InvokeAsync(new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = StopTime,
        });
    }

    // Not a RootCommand, which would call itself by the executable's name and not by the script that people run.
    private static Command Create() =>
        new("./pipeline", "Takes an ONNX model to a tested, signed, routed, serving engine.")
    {
        new HelpOption(),
        CommonOptions.Data,
        CommonOptions.Json,
        CommonOptions.Environment,
        DemoCommand.Create().OnThisMachine(),
        UpCommand.Create().OnThisMachine(),
        CheckCommand.Create(),
        PushCommand.Create(),
        StatusCommand.Create(),
        ExplainCommand.Create(),
        RoutesCommand.Create(),
        HistoryCommand.Create(),
        FleetCommand.Create(),
        ChangeCommands.Approve(),
        ChangeCommands.Cancel(),
        ChangeCommands.Retry(),
        ChangeCommands.Rollback(),
        ChangeCommands.Withdraw(),
        ChangeCommands.Pin(),
        ChangeCommands.Unpin(),
        ChangeCommands.Pause(),
        ChangeCommands.Resume(),
        EventsCommand.Create(),
        DeadLettersCommand.Create(),
        BenchCommand.Create().OnThisMachine(),
        ServiceBusCommand.Create().OnThisMachine(),
        BridgeCommand.Create().OnThisMachine(),
    };

    private static string PathOf(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{PathOf(parent)}{result.Command.Name} " : "";
}
