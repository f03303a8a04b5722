using System.ComponentModel.DataAnnotations;
using Pipeline.Core.Fleet;

namespace Pipeline.Cloud.Routing;

/// <summary>How route snapshots are published: section <c>Pipeline:Snapshots</c> of the functions.</summary>
public sealed class SnapshotOptions
{
    public const string Section = "Pipeline:Snapshots";

    /// <summary>
    /// Blobs that hold each target's snapshot. Storage answers 500 requests a second for each: more of them let more edges look
    /// more often. Default: 1.
    /// </summary>
    [Range(1, PollPlan.ReplicasMaximum)]
    public int Replicas { get; set; } = 1;

    /// <summary>
    /// The interval at which a small fleet looks for new routes; a larger one is told a longer interval. Default: 2 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan PollShortest { get; set; } = TimeSpan.FromSeconds(2);
}
