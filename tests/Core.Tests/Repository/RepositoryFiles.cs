namespace Pipeline.Core.Tests.Repository;

/// <summary>The repository's own files: what git would track, less what builds and installs leave behind.</summary>
internal static class RepositoryFiles
{
    private static readonly string[] Skipped =
        ["artifacts", "node_modules", "bin", "obj", "TestResults", "package-lock.json"];

    private static readonly string[] TextExtensions =
    [
        "", ".bicep", ".bicepparam", ".c", ".cmake", ".config", ".cpp", ".cs", ".csproj", ".h", ".js", ".json", ".md", ".mjs",
        ".props", ".sh", ".sln", ".targets", ".txt", ".xml", ".yaml", ".yml",
    ];

    /// <summary>Paths from the root, with forward slashes, in order.</summary>
    public static IReadOnlyList<string> Texts { get; } =
        [.. Under(new DirectoryInfo(Testing.Repository.Root)).Order(StringComparer.Ordinal)];

    public static IEnumerable<string> Code => Texts.Where(p => p.EndsWith(".cs", StringComparison.Ordinal));

    public static string PathOf(string relative) => Path.Combine(Testing.Repository.Root, relative);

    public static string[] Lines(string relative) => File.ReadAllLines(PathOf(relative));

    private static IEnumerable<string> Under(DirectoryInfo folder)
    {
        foreach (FileSystemInfo entry in folder.EnumerateFileSystemInfos())
        {
            // Dot folders hold tools' own state (.git, .feed, .vs); links lead out of the repository.
            bool own = !Skipped.Contains(entry.Name) && entry.LinkTarget is null;
            if (own && entry is DirectoryInfo inner && (!inner.Name.StartsWith('.') || inner.Name is ".ci" or ".github"))
            {
                foreach (string path in Under(inner)) yield return path;
            }
            else if (own && entry is FileInfo && TextExtensions.Contains(Path.GetExtension(entry.Name).ToLowerInvariant()))
            {
                yield return Path.GetRelativePath(Testing.Repository.Root, entry.FullName).Replace('\\', '/');
            }
        }
    }
}
