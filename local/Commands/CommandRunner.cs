using System.CommandLine;
using Azure;
using Azure.Identity;
using Azure.Messaging.ServiceBus;
using Pipeline.Local.Environments;
using Pipeline.Local.Processes;

namespace Pipeline.Local.Commands;

/// <summary>Runs a command's work, and turns what goes wrong into one sentence and an exit code.</summary>
internal static class CommandRunner
{
    public static Command Runs(this Command command, Func<CommandSession, CancellationToken, Task<int>> work)
    {
        command.SetAction(async (parse, cancellationToken) =>
        {
            var session = new CommandSession(parse);
            try
            {
                return await work(session, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return Fail(session, "Stopped before it was done.", ExitCodes.Failed);
            }
            catch (CommandException e)
            {
                return Fail(session, e.Message, e.ExitCode);
            }
            catch (Exception e) when (IsOutsideFault(e))
            {
                string sentence = session.EnvironmentName is { } name ? AccessFaults.SentenceOf(e, name) : e.Message;
                return Fail(session, sentence, ExitCodes.Failed);
            }
        });
        return command;
    }

    /// <summary>Leaves a command out of the help.</summary>
    public static Command Hide(this Command command)
    {
        command.Hidden = true;
        return command;
    }

    private static bool IsOutsideFault(Exception e) => e is ChildFailedException or IOException or InvalidDataException
        or UnauthorizedAccessException or HttpRequestException or RequestFailedException or ServiceBusException
        or TimeoutException or AuthenticationFailedException or AggregateException { InnerException: RequestFailedException };

    private static int Fail(CommandSession session, string message, int exitCode)
    {
        if (session.Json) CommandSession.WriteJson(new { error = message }, onOneLine: true);
        else CommandSession.Error.WriteLine(message);
        return exitCode;
    }
}
