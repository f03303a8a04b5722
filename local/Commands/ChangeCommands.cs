using System.CommandLine;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Local.Environments;

namespace Pipeline.Local.Commands;

/// <summary>The commands by which a person changes a promotion or a model's routes.</summary>
internal static class ChangeCommands
{
    public static Command Approve() => OnVersion("approve", "Let a held version take traffic, or one that was taken off come back");

    public static Command Cancel() => OnVersion("cancel", "End a promotion that has not gone live");

    public static Command Retry() => OnVersion("retry", "Build the lanes again that failed");

    public static Command Rollback() =>
        OnModel("rollback", "Put the previous version back, or withdraw the candidate", reasonRequired: true);

    public static Command Withdraw() =>
        OnModel("withdraw", "Take the candidate back; the stable version stays", reasonRequired: true);

    public static Command Pin() =>
        OnModel("pin", "Keep the stable version: nothing new comes until unpin", reasonRequired: true);

    public static Command Unpin() => OnModel("unpin", "Let a pinned model move again", reasonRequired: false);

    public static Command Pause() =>
        OnModel("pause", "Take no further rollout step until resume", reasonRequired: false);

    public static Command Resume() => OnModel("resume", "Go on with a paused rollout", reasonRequired: false);

    private static Command OnVersion(string verb, string description)
    {
        Argument<string> model = CommonOptions.Model();
        Argument<string> version = CommonOptions.Version();
        Option<string?> reason = CommonOptions.Reason("Why; recorded");
        return new Command(verb, description) { model, version, reason }.Runs(async (session, cancellationToken) =>
        {
            await using RunningEnvironment environment = session.OpenEnvironment();
            return Print(session, await environment.Management.ChangeAsync(
                new ModelVersion(session.Get(model), session.Get(version)), verb,
                new CommandRequest { Reason = session.Get(reason) }, cancellationToken));
        });
    }

    private static Command OnModel(string verb, string description, bool reasonRequired)
    {
        Argument<string> model = CommonOptions.Model();
        Option<string?> reason = CommonOptions.Reason("Why; recorded in the route history", reasonRequired);
        var target = new Option<string?>("--target")
        {
            Description = "Only this hardware target (default: every target of the model)",
            HelpName = "TARGET",
        };
        var version = new Option<string?>("--version")
        {
            Description = "Only where this version is the newest on the route; repeating the command is safe then",
            HelpName = "VERSION",
        };
        return new Command(verb, description) { model, target, version, reason }.Runs(async (session, cancellationToken) =>
        {
            await using RunningEnvironment environment = session.OpenEnvironment();
            return Print(session, await environment.Management.ChangeAsync(
                session.Get(model), verb,
                new CommandRequest
                {
                    Reason = session.Get(reason),
                    Target = session.Get(target),
                    Version = session.Get(version),
                },
                cancellationToken));
        });
    }

    private static int Print(CommandSession session, CommandResult result)
    {
        if (session.Json)
        {
            CommandSession.WriteJson(result);
            return ExitCodes.Ok;
        }

        foreach (string done in result.Done) session.Narrator.Say(done);
        foreach (string refused in result.Refused) session.Narrator.Say($"not done: {refused}");
        return ExitCodes.Ok;
    }
}
