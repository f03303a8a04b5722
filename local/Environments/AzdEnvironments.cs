using Pipeline.Local.Commands;

namespace Pipeline.Local.Environments;

/// <summary>The folder <c>.azure</c>, in which azd keeps what it knows of each environment.</summary>
/// <param name="folder">Path of the folder, which need not be there.</param>
public sealed class AzdEnvironments(string folder)
{
    /// <summary>What a name is; for messages.</summary>
    public const string NameRule =
        "1 to 64 letters, digits, hyphens, dots, underscores and brackets, the first a letter or a digit";

    private const int NameLengthMaximum = 64;

    /// <summary>Whether it is a name as azd takes them; so it is never a path.</summary>
    public static bool IsName(string? name) =>
        name is { Length: >= 1 and <= NameLengthMaximum } && char.IsAsciiLetterOrDigit(name[0]) &&
        name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '(' or ')');

    /// <summary>The environments that azd knows here.</summary>
    public IReadOnlyList<string> Names() => Directory.Exists(folder)
        ?
        [
            .. Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path))
                .Where(name => IsName(name) && File.Exists(PathOf(name))).Order(StringComparer.Ordinal),
        ]
        : [];

    /// <summary>The values of an environment; null when azd knows none of that name.</summary>
    /// <exception cref="CommandException">It is no name, or the file cannot be read; the sentence shows none of its values.</exception>
    public IReadOnlyDictionary<string, string>? Find(string name)
    {
        if (!IsName(name)) throw new CommandException($"'{name}' is not the name of an environment; write {NameRule}.", ExitCodes.Usage);
        string path = PathOf(name);
        if (!File.Exists(path)) return null;
        // A link could lead anywhere, and with it where this command sends its sign-in.
        if (File.ResolveLinkTarget(path, returnFinalTarget: false) is not null ||
            Directory.ResolveLinkTarget(Path.GetDirectoryName(path)!, returnFinalTarget: false) is not null)
        {
            throw new CommandException($"'{path}' is a link, which is not followed; put the file itself there.");
        }

        string text = new FileInfo(path).Length <= AzdEnvironmentText.LengthMaximum
            ? File.ReadAllText(path)
            : new string(' ', AzdEnvironmentText.LengthMaximum + 1);
        return AzdEnvironmentText.TryRead(text, out string? fault)
            ?? throw new CommandException($"'{path}' cannot be read: {fault} Let 'azd env refresh -e {name}' write it again.");
    }

    private string PathOf(string name) => Path.Combine(folder, name, ".env");
}
