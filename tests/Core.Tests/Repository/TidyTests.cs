using System.Text.RegularExpressions;

namespace Pipeline.Core.Tests.Repository;

/// <summary>The repository's own rules. Each failure names file, line and what to do.</summary>
public sealed partial class TidyTests
{
    private const int LinesMaximum = 300;

    // 120 is the aim; a doc line or a message may run over a little.
    private const int ColumnsMaximum = 140;
    private const int TestColumnsMaximum = 160;

    // Several types may share a file that is read at one glance: a closed hierarchy, a set of handles.
    private const int FamilyLinesMaximum = 150;

    /// <summary>Which top-level folders a project may reference; folders that are not named may reference any.</summary>
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["core"] = [],
        ["onnx"] = ["core"],
        ["engines"] = ["core", "onnx"],
        ["cloud"] = ["core"],
        ["sdk"] = [],
        ["functions"] = ["core", "onnx", "cloud", "sdk"],
        ["gpu-worker"] = ["core", "onnx", "engines", "cloud"],
        ["edge"] = ["core", "engines", "cloud"],
    };

    private static readonly string[] FolderNamesThatSayNothing =
        ["Common", "Helpers", "Interfaces", "Managers", "Misc", "Models", "Services", "Shared", "Util", "Utilities", "Utils"];

    [Fact]
    public void ProjectReferences_GoOnlyWhereTheDesignAllows() => AssertNone(
        from project in Projects
        where Arrows.ContainsKey(Top(project))
        from line in Numbered(project)
        from Match match in ProjectReference().Matches(line.Text)
        let to = Top(Relative(project, match.Groups[1].Value))
        where to != Top(project) && !Arrows[Top(project)].Contains(to)
        select $"{project}:{line.Number}: '{Top(project)}' may not reference '{to}', only "
            + $"[{string.Join(", ", Arrows[Top(project)])}]; move what is shared into one of those.");

    [Fact]
    public void Core_SeesOnlyTheBaseLibrary() => AssertNone(
        from line in Numbered("core/Core.csproj")
        where line.Text.Contains("PackageReference", StringComparison.Ordinal)
            || line.Text.Contains("FrameworkReference", StringComparison.Ordinal)
        select $"core/Core.csproj:{line.Number}: core takes no package; do this in the project that does the I/O.");

    [Fact]
    public void CoreFiles_DoNoInputOutput() => AssertNone(
        from file in RepositoryFiles.Code.Where(f => Top(f) == "core" && f != "core/Signing/ISigner.cs")
        from line in Numbered(file)
        where Impure().IsMatch(line.Text)
        select $"{file}:{line.Number}: core decides and does nothing; take '{Impure().Match(line.Text).Value}' to the caller and "
            + "hand its result in as a value.");

    [Fact]
    public void Files_StayShort() => AssertNone(
        from file in RepositoryFiles.Code
        let length = RepositoryFiles.Lines(file).Length
        where length > LinesMaximum && !IsTable(file)
        select $"{file}:{length}: {length} lines, at most {LinesMaximum}; split it by subject.");

    [Fact]
    public void Lines_StayShort() => AssertNone(
        from file in RepositoryFiles.Code
        let maximum = Top(file) is "tests" or "bench" or "eng" ? TestColumnsMaximum : ColumnsMaximum
        from line in Numbered(file)
        where line.Text.Length > maximum && !DataLine().IsMatch(line.Text)
        select $"{file}:{line.Number}: {line.Text.Length} columns, at most {maximum} (aim at 120); break the line.");

    [Fact]
    public void Files_HoldOneTypeOfTheirName() => AssertNone(
        from file in RepositoryFiles.Code.Where(f => Top(f) is not "eng")
        let lines = RepositoryFiles.Lines(file)
        let types = TopLevelType().Matches(string.Join('\n', lines))
        let stem = Path.GetFileName(file).Split('.')[0]
        where (types.Count > 1 && lines.Length > FamilyLinesMaximum) || (types.Count == 1 && types[0].Groups[1].Value != stem)
        select types.Count == 1
            ? $"{file}:1: the file holds '{types[0].Groups[1].Value}'; give both one name."
            : $"{file}:1: {types.Count} types in {lines.Length} lines; give each its own file (a family read together may share "
                + $"one of up to {FamilyLinesMaximum} lines).");

    [Fact]
    public void Namespaces_AreTheFolders() => AssertNone(
        from file in RepositoryFiles.Code.Where(f => Top(f) == "core")
        from line in Numbered(file)
        where line.Text.StartsWith("namespace ", StringComparison.Ordinal)
        let expected = $"namespace Pipeline.Core{string.Concat(file.Split('/')[1..^1].Select(p => "." + p))};"
        where line.Text != expected
        select $"{file}:{line.Number}: write '{expected}'.");

    [Fact]
    public void Folders_AreNamedAfterTheirSubject() => AssertNone(
        from file in RepositoryFiles.Code
        from folder in file.Split('/')[..^1]
        where FolderNamesThatSayNothing.Contains(folder, StringComparer.OrdinalIgnoreCase)
        group file by Path.GetDirectoryName(file) into folder
        select $"{folder.First()}:1: the folder's name says nothing; name it after its subject.");

    [Fact]
    public void Files_NameNoPlaceOutsideTheRepository() => AssertNone(
        from file in RepositoryFiles.Texts
        from line in Numbered(file)
        let match = OutsidePath().Match(line.Text)
        where match.Success
        select $"{file}:{line.Number}: '{match.Value}' is a place on one machine; write it relative to the repository.");

    [Fact]
    public void Links_StayInsideTheRepositoryAndLeadSomewhere() => AssertNone(
        from file in RepositoryFiles.Texts.Where(f => f.EndsWith(".md", StringComparison.Ordinal))
        from line in Numbered(file)
        from Match match in MarkdownLink().Matches(line.Text)
        let target = Relative(file, match.Groups[1].Value)
        where target.StartsWith("..", StringComparison.Ordinal)
            || !Path.Exists(RepositoryFiles.PathOf(target))
        select $"{file}:{line.Number}: '{match.Groups[1].Value}' leads nowhere in the repository; mend or drop the link.");

    [Fact]
    public void Includes_StayInsideTheRepository() => AssertNone(
        from file in RepositoryFiles.Texts.Where(f => Path.GetExtension(f) is ".csproj" or ".props" or ".targets")
        from line in Numbered(file)
        from Match match in Include().Matches(line.Text)
        where Relative(file, match.Groups[1].Value).StartsWith("..", StringComparison.Ordinal)
        select $"{file}:{line.Number}: '{match.Groups[1].Value}' lies outside of the repository; bring it in or drop it.");

    [Fact]
    public void Rules_SeeTheRepository()
    {
        // A rule over no files would always hold.
        Assert.Contains("core/Core.csproj", Projects);
        Assert.Contains("core/Routing/RoutePlanner.cs", RepositoryFiles.Code);
        Assert.Equal(2, TopLevelType().Count("public sealed record A;\ninternal static partial class B\n    public class C"));
        Assert.Matches(OutsidePath(), string.Concat("see ", "/", "work", "/x"));
        Assert.Matches(OutsidePath(), string.Concat("\"", "/", "home", "/ada/x\""));
        Assert.DoesNotMatch(OutsidePath(), "https://example.com/work/x and ./work/x and /home/site/wwwroot");
        Assert.Equal("core/Core.csproj", Relative("tests/Core.Tests/Core.Tests.csproj", "../../core/Core.csproj"));
        Assert.All(Arrows.Keys.Where(k => k != "sdk"), k => Assert.Contains(Projects, p => Top(p) == k));
    }

    private static IEnumerable<string> Projects =>
        RepositoryFiles.Texts.Where(p => p.EndsWith(".csproj", StringComparison.Ordinal));

    private static string Top(string path) => path.Split('/')[0];

    private static string Relative(string file, string target)
    {
        string folder = Path.GetDirectoryName(RepositoryFiles.PathOf(file))!;
        string full = Path.GetFullPath(Path.Combine(folder, target.Replace('\\', '/').Split('#')[0]));
        return Path.GetRelativePath(Testing.Repository.Root, full).Replace('\\', '/');
    }

    private static IEnumerable<(int Number, string Text)> Numbered(string file) =>
        RepositoryFiles.Lines(file).Select((text, index) => (index + 1, text));

    // Tables of cases and values grow with what they describe, not with what a reader must hold in mind.
    private static bool IsTable(string file) =>
        Top(file) == "tests" && Path.GetFileName(file) is "FrozenShapes.cs" or "PolicyReaderTests.cs";

    private static void AssertNone(IEnumerable<string> faults)
    {
        string[] all = [.. faults];
        Assert.True(all.Length == 0, string.Join('\n', all));
    }

    [GeneratedRegex("""<ProjectReference\s+Include="([^"]+)""")]
    private static partial Regex ProjectReference();

    [GeneratedRegex("""\bInclude="([^"$@]*/[^"$@*]*)""")]
    private static partial Regex Include();

    [GeneratedRegex(@"\b(async|await|ILogger|TimeProvider|HttpClient|File\.|Directory\.|Environment\.|Console\.|Process\.)")]
    private static partial Regex Impure();

    // A line of the table kind: one string literal, or JSON inside a raw one.
    [GeneratedRegex("""^\s*(\$*"|\{|\[InlineData\()""")]
    private static partial Regex DataLine();

    [GeneratedRegex(
        @"^(?:(?:public|internal|file|sealed|static|abstract|partial|readonly|ref|unsafe) )*"
        + @"(?:class|record struct|record class|record|struct|interface|enum) (\w+)",
        RegexOptions.Multiline)]
    private static partial Regex TopLevelType();

    [GeneratedRegex(@"(?<![\w./~-])/(work|root|Users|home/(?!site/)\w+)/|[A-Z]:\\Users\\")]
    private static partial Regex OutsidePath();

    [GeneratedRegex(@"\]\((?!https?:|mailto:|#)([^)\s]+)\)")]
    private static partial Regex MarkdownLink();
}
