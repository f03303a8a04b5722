namespace Pipeline.GpuWorker.Jobs;

/// <summary>The folder of one job; gone with it. What a killed worker left is removed when the next one starts.</summary>
internal sealed class JobWorkspace : IDisposable
{
    private readonly DirectoryInfo folder;

    private JobWorkspace(DirectoryInfo folder) => this.folder = folder;

    public string EnginePath => Path.Combine(folder.FullName, "built.engine");

    /// <summary>Where an uploaded file goes. Names come from accepted uploads; they are checked again all the same.</summary>
    /// <exception cref="InvalidDataException">The name leaves the folder.</exception>
    public string PathOf(string name)
    {
        string root = Path.Combine(folder.FullName, "model") + Path.DirectorySeparatorChar;
        string path = Path.GetFullPath(Path.Combine(root, name));
        if (!path.StartsWith(root, StringComparison.Ordinal)) throw new InvalidDataException($"The name '{name}' leaves the job's folder.");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }

    public static JobWorkspace Create(string workDirectory)
    {
        string name = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8));
        return new JobWorkspace(Directory.CreateDirectory(Path.Combine(workDirectory, "jobs", name)));
    }

    public static void RemoveLeftovers(string workDirectory)
    {
        string jobs = Path.Combine(workDirectory, "jobs");
        if (Directory.Exists(jobs)) Directory.Delete(jobs, recursive: true);
    }

    public void Dispose()
    {
        if (folder.Exists) folder.Delete(recursive: true);
    }
}
