using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Pipeline.Cloud.Uploads;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Local.Environments;
using Pipeline.Local.Management;
using Pipeline.Local.Uploading;

namespace Pipeline.Local.Commands;

/// <summary><c>push</c>: checks and uploads a version, which starts its promotion.</summary>
internal static class PushCommand
{
    private static readonly Argument<FileInfo> File = CommonOptions.File();
    private static readonly Option<FileInfo> Policy = CommonOptions.Policy();
    private static readonly Option<FileInfo[]> Golden = CommonOptions.Golden();

    private static readonly Option<string> Model =
        new Option<string>("--model") { Description = "Name of the model", HelpName = "M", Required = true }
            .Checked(Names.IsModel, Names.ModelRule);

    private static readonly Option<string> Version =
        new Option<string>("--version")
        {
            Description = "Version of the model; never used again",
            HelpName = "V",
            Required = true,
        }.Checked(Names.IsVersion, Names.VersionRule);

    private static readonly Option<bool> Wait = new("--wait")
    {
        Description = "Follow the promotion until it is live, held or ended; exit code 1 when it ended",
    };

    public static Command Create() => new Command("push", "Upload a version of a model, which starts its promotion")
    {
        File, Model, Version, Policy, Golden, Wait,
    }.Runs(RunAsync);

    /// <summary>Checks and uploads.</summary>
    /// <exception cref="CommandException">It is not sound, or the version has other bytes already.</exception>
    public static async Task<UploadResult> PushAsync(
        Narrator narrator,
        RunningEnvironment environment,
        ModelVersion id,
        Upload upload,
        CancellationToken cancellationToken)
    {
        UploadCheck check = await UploadChecker.CheckAsync(upload, environment.Lanes, cancellationToken);
        foreach (string note in check.Notes) narrator.Say($"note: {note}");
        if (!check.IsSound) throw new CommandException(string.Join('\n', check.Errors));
        using Activity trace = new Activity("push").Start();
        UploadResult result = await narrator.DuringAsync($"Uploading {id}", () => new Uploader(new UploadStore(environment.Storage))
            .UploadAsync(
                id, upload, check, (file, fraction) => narrator.Show(Text(file, fraction)), cancellationToken));
        narrator.Say(result switch
        {
            UploadResult.Uploaded => $"Uploaded {id}: {check.SizeBytes} bytes, SHA-256 {check.Sha256}.",
            UploadResult.AlreadyThere => $"{id} was uploaded before with these bytes; nothing is to be done.",
            _ => throw new CommandException(
                $"{id} has other bytes already, and a version never changes; choose another version."),
        });
        return result;
    }

    private static async Task<int> RunAsync(CommandSession session, CancellationToken cancellationToken)
    {
        await using RunningEnvironment environment = session.OpenEnvironment();
        var id = new ModelVersion(session.Get(Model)!, session.Get(Version)!);
        var upload = new Upload
        {
            ModelPath = session.Get(File).FullName,
            PolicyPath = session.Get(Policy)?.FullName,
            GoldenPaths = [.. (session.Get(Golden) ?? []).Select(f => f.FullName)],
        };
        UploadResult result = await PushAsync(session.Narrator, environment, id, upload, cancellationToken);
        if (!session.Get(Wait))
        {
            if (session.Json) CommandSession.WriteJson(new { id.Model, id.Version, result });
            return ExitCodes.Ok;
        }

        PromotionView view = await new PromotionFollower(environment, session.Narrator)
            .FollowAsync(id, cancellationToken);
        if (session.Json) CommandSession.WriteJson(view);
        return PromotionFollower.ExitCodeOf(view.Promotion.State);
    }

    private static string Text(string file, double fraction) =>
        string.Create(CultureInfo.InvariantCulture, $"Uploading {file} {fraction * 100:0} %");
}
