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

    public static TextWriter Out => Console.Out;

    public T? Get<T>(Option<T> option) => parse.GetValue(option);

    public T? Find<T>(Argument<T> argument) => parse.GetValue(argument);

    public T Get<T>(Argument<T> argument) => parse.GetRequiredValue(argument);

    /// <summary>The environment that runs on the data folder.</summary>
    /// <exception cref="CommandException">None does.</exception>
    public EnvironmentDescription FindEnvironment() => EnvironmentFile.Find(DataDirectory);

    /// <summary>Prints one JSON document.</summary>
    /// <param name="value">What to print.</param>
    /// <param name="onOneLine">For a document that is the last of several lines.</param>
    public static void WriteJson<T>(T value, bool onOneLine = false) =>
        Out.WriteLine(JsonSerializer.Serialize(value, onOneLine ? PipelineJson.Options : Indented));
}
