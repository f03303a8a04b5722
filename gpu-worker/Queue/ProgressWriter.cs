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

    // How long the end of a job waits for a table that is slow or down.
    private static readonly TimeSpan LastWordPatience = TimeSpan.FromSeconds(2);

    private readonly LaneStore lanes;
    private readonly BuildRequest request;
    private readonly string worker;
    private readonly TimeProvider time;
    private readonly DateTimeOffset startedAt;
    private readonly Channel<JobProgress> newest = Channel.CreateBounded<JobProgress>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
    private readonly CancellationTokenSource ending = new();
    private readonly CancellationTokenSource stop;
    private readonly Task writing;

    public ProgressWriter(LaneStore lanes, BuildRequest request, string worker, TimeProvider time)
    {
        (this.lanes, this.request, this.worker, this.time) = (lanes, request, worker, time);
        startedAt = time.GetUtcNow();
        stop = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        writing = WriteAllAsync();
    }

    public void Report(JobProgress value) => newest.Writer.TryWrite(value);

    public async ValueTask DisposeAsync()
    {
        newest.Writer.TryComplete();
        await ending.CancelAsync();
        stop.CancelAfter(LastWordPatience);
        await writing;
        ending.Dispose();
        stop.Dispose();
    }

    private async Task WriteAllAsync()
    {
        await foreach (JobProgress progress in newest.Reader.ReadAllAsync())
        {
            try
            {
                await lanes.WriteProgressAsync(
                    new ModelVersion(request.Model, request.Version), request.Lane, ToRecord(progress), stop.Token);
                // Ends with the job, whose report must not wait for a pause.
                await Task.Delay(Interval, time, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e) when (e is RequestFailedException or AggregateException)
            {
                // Advisory: the next one is tried again. An aggregate is what the client throws after its own retries.
            }
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
