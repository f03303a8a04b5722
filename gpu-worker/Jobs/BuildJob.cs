using System.Collections.Immutable;
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
    IOptions<WorkerOptions> options,
    TimeProvider time)
{
    private const int LogLinesMaximum = 500;
    private const int LogLineLengthMaximum = 1000;

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
            return new JobOutcome.Built(ToReport(request, engine, measured, clock));
        }
        catch (JobFailedException e)
        {
            return new JobOutcome.Failed(e.Kind, e.Message);
        }
        catch (EngineException e)
        {
            return new JobOutcome.Failed(e.FailureKind, e.Message);
        }
    }

    private BuildReport ToReport(BuildRequest request, ProducedEngine engine, Measurements measured, StageClock clock) => new()
    {
        Model = request.Model,
        Version = request.Version,
        AcceptanceNumber = request.AcceptanceNumber,
        Lane = request.Lane,
        Attempt = request.Attempt,
        EngineKey = engine.Manifest.EngineKey,
        EngineDigest = engine.Manifest.EngineDigest,
        EngineSizeBytes = engine.Manifest.SizeBytes,
        Reused = engine.Reused,
        Inputs = measured.Inputs,
        Outputs = measured.Outputs,
        Accuracy = measured.Accuracy,
        Benchmark = measured.Benchmark,
        Paired = measured.Paired,
        Stages = clock.Finished,
        Worker = WorkerFacts(),
        Log = [.. engine.Log.Take(LogLinesMaximum).Select(l => l[..Math.Min(l.Length, LogLineLengthMaximum)])],
        FinishedAt = time.GetUtcNow(),
    };

    private ImmutableSortedDictionary<string, string> WorkerFacts() => ImmutableSortedDictionary<string, string>.Empty
        .Add("name", options.Value.Name)
        .Add("host", Environment.MachineName)
        .Add("processors", Environment.ProcessorCount.ToString(System.Globalization.CultureInfo.InvariantCulture))
        .Add("os", System.Runtime.InteropServices.RuntimeInformation.OSDescription);
}
