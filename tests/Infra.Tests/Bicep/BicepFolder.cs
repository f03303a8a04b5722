using Pipeline.Testing;

namespace Pipeline.Infra.Tests.Bicep;

/// <summary>The files of the folder infra, parsed once; a planted mistake is another text for one of them.</summary>
internal sealed class BicepFolder
{
    private static readonly string Root = Repository.PathOf("infra");
    private readonly Dictionary<string, string> texts;
    private readonly Dictionary<string, BicepFile> files = new(StringComparer.Ordinal);

    private BicepFolder(Dictionary<string, string> texts) => this.texts = texts;

    public static BicepFolder Own { get; } = new(Directory.EnumerateFiles(Root, "*.bicep*", SearchOption.AllDirectories)
        .ToDictionary(f => Path.GetRelativePath(Root, f).Replace('\\', '/'), File.ReadAllText, StringComparer.Ordinal));

    public IEnumerable<string> Paths => texts.Keys.Order(StringComparer.Ordinal);

    public string TextOf(string path) => texts[path];

    /// <exception cref="BicepException">There is no such file, or it does not parse.</exception>
    public BicepFile Open(string path)
    {
        if (files.TryGetValue(path, out BicepFile? file)) return file;
        if (!texts.TryGetValue(path, out string? text)) throw new BicepException(path, 1, "there is no such file.");
        return files[path] = BicepFile.Parse(path, text);
    }

    /// <summary>The file that a path in another file means.</summary>
    public BicepFile OpenFrom(BicepFile file, string relative) => Open(Path.GetRelativePath(
        Root, Path.GetFullPath(Path.Combine(Root, Path.GetDirectoryName(file.Path)!, relative))).Replace('\\', '/'));

    /// <summary>The same folder with one place of one file changed.</summary>
    public BicepFolder With(string path, string old, string replacement)
    {
        string text = texts[path];
        if (text.Split(old) is not [var before, var after])
            throw new ArgumentException($"'{old}' must be in '{path}' exactly once.", nameof(old));
        return new BicepFolder(new(texts, StringComparer.Ordinal) { [path] = before + replacement + after });
    }
}
