using System.Globalization;
using Pipeline.Core.Naming;

namespace Pipeline.Edge.Loading;

/// <summary>
/// Remembers on disk what is being loaded, so that an engine that takes the process down is known to the next one. A
/// mark is a file that its process keeps locked: one that nobody holds was left by a process that ended. A process that
/// is told to stop takes its marks away. One crash is a suspicion, for a kill or a lack of memory leaves the same mark;
/// an engine that loads is forgiven. No clock is asked. Several edges of one machine may share the folder.
/// </summary>
internal sealed partial class LoadJournal : IDisposable
{
    private const string Mark = ".loading";
    private const string Count = ".crashes";

    /// <summary>Engines long out of the routes are forgotten beyond this many.</summary>
    private const int RememberedMaximum = 256;

    private readonly Lock gate = new();
    private readonly Dictionary<string, int> crashes = new(StringComparer.Ordinal);
    private readonly HashSet<FileStream> marks = [];
    private readonly string folder;
    private readonly ILogger<LoadJournal> logger;
    private readonly CancellationTokenRegistration stopping;
    private bool closed;

    public LoadJournal(string directory, IHostApplicationLifetime lifetime, ILogger<LoadJournal> logger)
    {
        this.logger = logger;
        folder = Path.Combine(directory, "loads");
        try
        {
            Directory.CreateDirectory(folder);
            ReadCounts();
            ReadMarks();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.JournalFailed(logger, e.Message);
        }

        stopping = lifetime.ApplicationStopping.Register(Close);
    }

    /// <summary>Engines during whose load a process ended, with how often.</summary>
    public IReadOnlyDictionary<string, int> Crashes
    {
        get
        {
            lock (gate) return crashes.ToDictionary();
        }
    }

    /// <summary>Crashes that this process was the first to see.</summary>
    public int Found { get; private set; }

    public bool IsSuspect(string digest)
    {
        lock (gate) return crashes.ContainsKey(digest);
    }

    /// <summary>
    /// Marks a load until the result is disposed. Without a disk to write to the load goes on unmarked: a folder that
    /// is gone must not keep an edge from serving.
    /// </summary>
    public IDisposable Begin(string digest)
    {
        FileStream? mark = null;
        try
        {
            lock (gate)
            {
                if (!closed) marks.Add(mark = Create(Path.Combine(folder, $"{digest}.{Guid.NewGuid():N}{Mark}")));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.JournalFailed(logger, e.Message);
        }

        return new Ending(this, mark);
    }

    /// <summary>It is loaded and warm: what was held against it is forgotten.</summary>
    public void Forgive(string digest)
    {
        lock (gate)
        {
            if (crashes.Remove(digest)) TryDelete(Path.Combine(folder, digest + Count));
        }
    }

    public void Dispose()
    {
        stopping.Dispose();
        Close();
    }

    /// <summary>From here on the process ends because it was told to, and that is held against nobody.</summary>
    private void Close()
    {
        lock (gate)
        {
            closed = true;
            foreach (FileStream mark in marks) Remove(mark);
            marks.Clear();
        }
    }

    private void End(FileStream mark)
    {
        lock (gate)
        {
            if (marks.Remove(mark)) Remove(mark);
        }
    }

    private void ReadCounts()
    {
        FileInfo[] counts =
            [.. new DirectoryInfo(folder).EnumerateFiles("*" + Count).OrderByDescending(f => f.LastWriteTimeUtc)];
        foreach (FileInfo file in counts.Skip(RememberedMaximum)) TryDelete(file.FullName);
        foreach (FileInfo file in counts.Take(RememberedMaximum))
        {
            string digest = Path.GetFileNameWithoutExtension(file.Name);
            if (!Names.IsSha256(digest)) continue;
            // A count that was lost half-written stands for a crash all the same.
            bool read = int.TryParse(
                File.ReadAllText(file.FullName), NumberStyles.None, CultureInfo.InvariantCulture, out int count);
            crashes[digest] = read ? Math.Clamp(count, 1, 1000) : 1;
        }
    }

    private void ReadMarks()
    {
        IEnumerable<IGrouping<string, string>> found =
            Directory.GetFiles(folder, "*" + Mark).GroupBy(path => Path.GetFileName(path).Split('.')[0]);
        foreach (IGrouping<string, string> paths in found.Where(f => Names.IsSha256(f.Key)))
        {
            string digest = paths.Key;
            // However many: a power cut ends all the edges that share the folder, and is one crash.
            FileStream[] left = [.. paths.Select(TryLock).OfType<FileStream>()];
            if (left.Length == 0) continue;
            int count = crashes[digest] = crashes.GetValueOrDefault(digest) + 1;
            Found++;
            Log.CrashFound(logger, digest, count, folder);
            // Counted before the marks go: a crash in between counts it twice rather than never.
            string part = Path.Combine(folder, $"{digest}.{Guid.NewGuid():N}.part");
            using (FileStream file = Create(part, count.ToString(CultureInfo.InvariantCulture))) file.Flush();
            File.Move(part, Path.Combine(folder, digest + Count), overwrite: true);
            foreach (FileStream mark in left) Remove(mark);
        }
    }

    private static FileStream Create(string path, string content = "loading")
    {
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        try
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(content));
            file.Flush(flushToDisk: true);
            return file;
        }
        catch
        {
            Remove(file);
            throw;
        }
    }

    /// <summary>Null when its process lives, or another one is faster.</summary>
    private static FileStream? TryLock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // Deleted while it is still locked, so that no other process takes it for a left one.
    private static void Remove(FileStream mark)
    {
        TryDelete(mark.Name);
        mark.Dispose();
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What stays counts as one crash at the next start: a suspicion, which the next load ends.
        }
    }

    private sealed class Ending(LoadJournal journal, FileStream? mark) : IDisposable
    {
        public void Dispose()
        {
            if (mark is not null) journal.End(mark);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error,
            "A process ended while it loaded engine '{Digest}'; so far {Count} times. It is forgiven when it loads, or when " +
            "'{Folder}' is deleted and the edge is started again.")]
        public static partial void CrashFound(ILogger logger, string digest, int count, string folder);

        [LoggerMessage(LogLevel.Warning, "The journal of loads cannot be written: {Reason} Engines load without it.")]
        public static partial void JournalFailed(ILogger logger, string reason);
    }
}
