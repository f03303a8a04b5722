using System.ComponentModel.DataAnnotations;

namespace Pipeline.GpuWorker;

/// <summary>What the deployment tells a worker, from the section <c>Worker</c>.</summary>
public sealed class WorkerOptions
{
    /// <summary>The lane whose queue this worker takes from. Verified against the machine before anything is taken.</summary>
    [Required]
    public string Lane { get; set; } = "";

    /// <summary>Name in reports and progress. The default value is the host's name and the process id.</summary>
    public string Name { get; set; } = $"{Environment.MachineName}-{Environment.ProcessId}";

    /// <summary>
    /// Folder for what is fetched and built, one worker's own; emptied job by job. The default value is a folder under the
    /// system's temporary one.
    /// </summary>
    public string WorkDirectory { get; set; } = Path.Combine(Path.GetTempPath(), "pipeline-worker");

    /// <summary>Threads of one inference; 0 means one a processor. The default value is 0.</summary>
    [Range(0, 1024)]
    public int Threads { get; set; }

    /// <summary>Largest model, external data included, that is fetched. The default value is 16 GiB.</summary>
    [Range(1, long.MaxValue)]
    public long ModelSizeBytesMaximum { get; set; } = 16L << 30;

    /// <summary>How long <c>run --once</c> waits for a message before it exits. The default value is 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan EmptyWait { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Pause after outside trouble, such as storage that is down, times the message's deliveries: deliveries are few and
    /// must outlast it. The default value is 5 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan RetryPause { get; set; } = TimeSpan.FromSeconds(5);
}
