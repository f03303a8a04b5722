using System.Diagnostics;
using Pipeline.Core.Json;
using Pipeline.Local.Commands;

namespace Pipeline.Local.Environments;

/// <summary>environment.json in the data folder: how commands find the environment that runs on it.</summary>
public static class EnvironmentFile
{
    // Start times are read in clock ticks of the kernel: the same process may differ by a little.
    private static readonly TimeSpan StartTolerance = TimeSpan.FromSeconds(2);

    public static string PathIn(string dataDirectory) => Path.Combine(dataDirectory, "environment.json");

    public static void Write(EnvironmentDescription description)
    {
        string path = PathIn(description.DataDirectory);
        File.WriteAllBytes(path + ".new", PipelineJson.Write(description));
        File.Move(path + ".new", path, overwrite: true);
    }

    public static void Delete(string dataDirectory) => File.Delete(PathIn(dataDirectory));

    /// <summary>The environment that runs on a data folder.</summary>
    /// <exception cref="CommandException">None does; exit code 3.</exception>
    public static EnvironmentDescription Find(string dataDirectory)
    {
        string path = PathIn(dataDirectory);
        EnvironmentDescription? description = File.Exists(path)
            ? PipelineJson.TryRead<EnvironmentDescription>(File.ReadAllBytes(path), out _)
            : null;
        return description is not null && IsRunning(description)
            ? description
            : throw new CommandException(
                $"No environment runs on '{dataDirectory}'. " +
                "Start one with './pipeline up', or name its folder with --data.",
                ExitCodes.NoEnvironment);
    }

    private static bool IsRunning(EnvironmentDescription description)
    {
        try
        {
            using Process process = Process.GetProcessById(description.ProcessId);
            return (StartOf(process) - description.ProcessStartedAt).Duration() < StartTolerance;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    internal static DateTimeOffset StartOf(Process process) => new(process.StartTime.ToUniversalTime());
}
