using Pipeline.Local.Commands;

namespace Pipeline.Local.Environments;

/// <summary>One environment at a time on a data folder. The system lets go of the lock when the process dies.</summary>
internal sealed class DataDirectoryLock : IDisposable
{
    private readonly FileStream file;

    private DataDirectoryLock(FileStream file) => this.file = file;

    /// <exception cref="CommandException">Another environment runs on the folder.</exception>
    public static DataDirectoryLock Take(string dataDirectory)
    {
        Directory.CreateDirectory(dataDirectory);
        try
        {
            return new DataDirectoryLock(new FileStream(
                Path.Combine(dataDirectory, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e)
        {
            throw new CommandException(
                $"An environment runs on '{dataDirectory}' already ({e.Message}) " +
                "Stop it, or choose another folder with --data.");
        }
    }

    public void Dispose() => file.Dispose();
}
