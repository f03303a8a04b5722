using Pipeline.Core.Json;
using Pipeline.Engines;

namespace Pipeline.GpuWorker.Building;

/// <summary>Writes a build's progress and end for its parent. Backends report from several threads.</summary>
internal sealed class BuildAnswers(Stream output, TimeProvider time) : IProgress<EngineBuildProgress>
{
    // TensorRT reports thousands of steps.
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(100);

    private readonly Lock gate = new();
    private string? stage;
    private long reportedAt;

    public void Report(EngineBuildProgress value)
    {
        lock (gate)
        {
            long now = time.GetTimestamp();
            if (value.Stage == stage && time.GetElapsedTime(reportedAt, now) < ProgressInterval) return;
            (stage, reportedAt) = (value.Stage, now);
            Write(new BuildAnswer { Progress = value });
        }
    }

    public void End(BuildEnd end)
    {
        lock (gate) Write(new BuildAnswer { End = end });
    }

    private void Write(BuildAnswer answer)
    {
        try
        {
            // A native library may have left an unfinished line behind.
            output.Write((byte[])[(byte)'\n', .. PipelineJson.Write(answer), (byte)'\n']);
            output.Flush();
        }
        catch (IOException)
        {
            // Nobody reads any more: the parent is gone, and standard input says so, too.
        }
    }
}
