using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Pipeline.Core.Json;
using Pipeline.Local.Environments;

namespace Pipeline.Local.Commands;

/// <summary>One run of a command: where it writes, and the environment that it talks to.</summary>
internal sealed class CommandSession
{
    private static readonly JsonSerializerOptions Indented = new(PipelineJson.Options)
    {
        WriteIndented = true,
        // For people and scripts on a console, not for a page: names and quotes stay readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly ParseResult parse;

    public CommandSession(ParseResult parse)
    {
        this.parse = parse;
        Json = parse.GetValue(CommonOptions.Json);
        DataDirectory = Path.GetFullPath(
            parse.GetValue(CommonOptions.Data)?.FullName ?? RepositoryLayout.PathOf(".pipeline"));
        Narrator = Narrator.Create(Json);
    }

    public bool Json { get; }

    public string DataDirectory { get; }

    public bool DataDirectoryGiven => parse.GetValue(CommonOptions.Data) is not null;

    /// <summary>Says what happens, for people: on standard output, or on standard error beside JSON.</summary>
    public Narrator Narrator { get; }

    public static TextWriter Out => new PlainTextWriter(Console.Out);

    public static TextWriter Error => new PlainTextWriter(Console.Error);

    public T? Get<T>(Option<T> option) => parse.GetValue(option);

    public T? Find<T>(Argument<T> argument) => parse.GetValue(argument);

    public T Get<T>(Argument<T> argument) => parse.GetRequiredValue(argument);

    /// <summary>Name of the deployed environment that the command is about; null for one on this machine.</summary>
    public string? EnvironmentName => parse.GetValue(CommonOptions.Environment);

    /// <summary>The environment that was named, or the one that runs on the data folder.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public RunningEnvironment OpenEnvironment()
    {
        if (EnvironmentName is not { } name) return RunningEnvironment.Of(EnvironmentFile.Find(DataDirectory));
        if (DataDirectoryGiven)
            throw new CommandException("--data is for an environment on this machine; leave it out beside --environment.", ExitCodes.Usage);
        var known = new AzdEnvironments(RepositoryLayout.PathOf(".azure"));
        DeployedEnvironment deployed = DeployedEnvironment.Find(known, name, Environment.GetEnvironmentVariable);
        // Whoever forgot a variable must not change another environment than the one that was named.
        if (!deployed.Overridden.IsEmpty)
        {
            Error.WriteLine(
                $"note: {string.Join(", ", deployed.Overridden)} of this process differs from environment '{name}' and wins");
        }

        return RunningEnvironment.Of(deployed, DeployedSignIn.Create(deployed.Tenant));
    }

    /// <summary>Prints one JSON document.</summary>
    /// <param name="value">What to print.</param>
    /// <param name="onOneLine">For a document that is the last of several lines.</param>
    public static void WriteJson<T>(T value, bool onOneLine = false) =>
        Out.WriteLine(JsonSerializer.Serialize(value, onOneLine ? PipelineJson.Options : Indented));
}
