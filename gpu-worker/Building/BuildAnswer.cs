using Pipeline.Engines;

namespace Pipeline.GpuWorker.Building;

/// <summary>
/// A line of a build's child process on standard output: progress, or the end. Lines that are none come from native
/// libraries; they belong to the log.
/// </summary>
internal sealed record BuildAnswer
{
    /// <summary>Longest line in characters; the child keeps its sentences shorter, its parent reads no more.</summary>
    public const int LengthMaximum = 64 * 1024;

    public EngineBuildProgress? Progress { get; init; }

    public BuildEnd? End { get; init; }
}
