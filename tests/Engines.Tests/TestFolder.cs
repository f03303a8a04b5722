namespace Pipeline.Engines.Tests;

/// <summary>A folder of its own for one test, gone after it.</summary>
internal sealed class TestFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("engines-tests-");

    public string PathOf(string name) => Path.Combine(folder.FullName, name);

    public string[] Files => [.. folder.GetFiles().Select(f => f.Name).Order(StringComparer.Ordinal)];

    public string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(PathOf(name), bytes);
        return PathOf(name);
    }

    public void Dispose() => folder.Delete(recursive: true);
}
