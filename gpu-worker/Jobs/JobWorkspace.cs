using Pipeline.Core.Builds;

namespace Pipeline.GpuWorker.Jobs;

/// <summary>The folder of one job; gone with it. What a killed worker left is removed when the next one starts.</summary>
internal sealed class JobWorkspace : IDisposable
{
    private readonly DirectoryInfo folder;

    private JobWorkspace(DirectoryInfo folder) => this.folder = folder;

    public string EnginePath => Path.Combine(folder.FullName, "built.engine");

    /// <summary>Where the tactics go that earlier builds of the lane timed, and this one.</summary>
    public string TimingCachePath => Path.Combine(folder.FullName, "timing.cache");

    /// <summary>Where the engine that serves goes.</summary>
    public string BaselinePath => Path.Combine(folder.FullName, "serving.engine");

    /// <summary>Where an uploaded file goes. Names come from accepted uploads; they are checked again all the same.</summary>
    /// <exception cref="JobFailedException">The name leaves the folder.</exception>
    public string PathOf(string name)
    {
        string root = Path.Combine(folder.FullName, "model") + Path.DirectorySeparatorChar;
        string path = Path.GetFullPath(Path.Combine(root, name));
        if (!path.StartsWith(root, StringComparison.Ordinal))
            throw new JobFailedException(BuildFailureKind.BadRequest, $"The file name '{name}' leaves the job's folder; rename it.");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }

    public static JobWorkspace Create(string workDirectory) => In(Path.Combine(workDirectory, "jobs"));

    /// <summary>A workspace in any folder; nobody but its owner removes it.</summary>
    public static JobWorkspace In(string folder)
    {
        string name = "unfinished-" + Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8));
        return new JobWorkspace(Directory.CreateDirectory(Path.Combine(folder, name)));
    }

    /// <summary>Takes the folder for this process alone, until disposed, and removes what a killed worker left in it.</summary>
    /// <exception cref="IOException">Another worker has it, or it cannot be written.</exception>
    public static IDisposable Own(string workDirectory)
    {
        Directory.CreateDirectory(workDirectory);
        var owner = new FileStream(
            Path.Combine(workDirectory, "worker.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        try
        {
            RemoveLeftovers(workDirectory);
            return owner;
        }
        catch
        {
            owner.Dispose();
            throw;
        }
    }

    private static void RemoveLeftovers(string workDirectory)
    {
        string jobs = Path.Combine(workDirectory, "jobs");
        if (Directory.Exists(jobs)) Directory.Delete(jobs, recursive: true);
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(folder.FullName, recursive: true);
        }
        catch (IOException)
        {
            // The outcome counts; the next start removes what is left.
        }
    }
}
