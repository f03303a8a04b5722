using System.Threading.Channels;
using Azure;
using Pipeline.Cloud.Promotions;
using Pipeline.Core.Builds;
using Pipeline.Core.Naming;
using Pipeline.GpuWorker.Jobs;

namespace Pipeline.GpuWorker.Queue;

/// <summary>
/// Writes a job's progress beside its lane row, the newest only and never in the job's way: a slow or absent table costs
/// progress, not the build.
/// </summary>
internal sealed class ProgressWriter : IProgress<JobProgress>, IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly LaneStore lanes;
    private readonly BuildRequest request;
    private readonly string worker;
    private readonly TimeProvider time;
    private readonly DateTimeOffset startedAt;
    private readonly Channel<JobProgress> newest = Channel.CreateBounded<JobProgress>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
    private readonly Task writing;

    public ProgressWriter(LaneStore lanes, BuildRequest request, string worker, TimeProvider time)
    {
        (this.lanes, this.request, this.worker, this.time) = (lanes, request, worker, time);
        startedAt = time.GetUtcNow();
        writing = WriteAllAsync();
    }

    public void Report(JobProgress value) => newest.Writer.TryWrite(value);

    public async ValueTask DisposeAsync()
    {
        newest.Writer.TryComplete();
        await writing;
    }

    private async Task WriteAllAsync()
    {
        await foreach (JobProgress progress in newest.Reader.ReadAllAsync())
        {
            try
            {
                await lanes.WriteProgressAsync(
                    new ModelVersion(request.Model, request.Version), request.Lane, ToRecord(progress), CancellationToken.None);
            }
            catch (RequestFailedException)
            {
                // Advisory: the next one is tried again.
            }

            if (!newest.Reader.Completion.IsCompleted) await Task.Delay(Interval, time);
        }
    }

    private LaneProgress ToRecord(JobProgress progress) => new()
    {
        Attempt = request.Attempt,
        Stage = progress.Stage,
        Fraction = progress.Fraction,
        Worker = worker,
        StartedAt = startedAt,
        UpdatedAt = time.GetUtcNow(),
    };
}
