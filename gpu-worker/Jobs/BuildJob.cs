using Microsoft.Extensions.Options;
using Pipeline.Core.Builds;
using Pipeline.Engines;

namespace Pipeline.GpuWorker.Jobs;

/// <summary>One build request from fetching the model to the finished report.</summary>
internal sealed class BuildJob(
    ModelFetcher fetcher,
    EngineProducer producer,
    BaselineFetcher baselines,
    EngineMeasurer measurer,
    LaneGuard guard,
    WorkerMachine machine,
    IOptions<WorkerOptions> options,
    TimeProvider time)
{
    // The longest that a policy may say; a timer takes no more than some weeks.
    private static readonly TimeSpan DeadlineMaximum = TimeSpan.FromDays(7);

    /// <summary>Ends with an outcome that trying again would not change; anything else is thrown and worth another try.</summary>
    public async Task<JobOutcome> RunAsync(
        BuildRequest request, IProgress<JobProgress> progress, CancellationToken cancellationToken)
    {
        if (guard.Refusal(request.Lane) is { } refusal) return new JobOutcome.Failed(BuildFailureKind.WrongLane, refusal);
        TimeSpan limit = request.Policy.BuildDeadline;
        using var deadline = new CancellationTokenSource(
            limit < TimeSpan.Zero ? TimeSpan.Zero : limit > DeadlineMaximum ? DeadlineMaximum : limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            return await RunWithinAsync(request, progress, either.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new JobOutcome.Failed(
                BuildFailureKind.DeadlineExceeded,
                $"The job on lane '{request.Lane}' took longer than the policy's buildDeadline of {limit} " +
                "and was stopped; allow more, or ask for less with fewer profiles or a shorter benchmark.");
        }
    }

    private async Task<JobOutcome> RunWithinAsync(
        BuildRequest request, IProgress<JobProgress> progress, CancellationToken cancellationToken)
    {
        using JobWorkspace workspace = JobWorkspace.Create(options.Value.WorkDirectory);
        var clock = new StageClock(time, progress);
        try
        {
            clock.Begin("fetch");
            FetchedModel model = await fetcher.FetchAsync(request, workspace, cancellationToken);
            ProducedEngine engine = await producer.ProduceAsync(request, model, workspace, clock, cancellationToken);
            FetchedBaseline? baseline = await baselines.FetchAsync(request, engine.Manifest, workspace, clock, cancellationToken);
            Measurements measured = await Task.Run(
                () => measurer.Measure(engine.Bytes, baseline, model, request.Policy, clock, cancellationToken), cancellationToken);
            return new JobOutcome.Built(BuildReports.Of(
                request, engine, measured, clock.Finished, machine.Facts(options.Value.Name), time.GetUtcNow()));
        }
        catch (JobFailedException e)
        {
            return new JobOutcome.Failed(e.Kind, e.Message);
        }
        catch (EngineException e)
        {
            return new JobOutcome.Failed(e.FailureKind, e.Message) { Log = e.Log };
        }
    }
}
