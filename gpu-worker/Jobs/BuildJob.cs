using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Pipeline.Core.Builds;
using Pipeline.Engines;

namespace Pipeline.GpuWorker.Jobs;

/// <summary>One build request from fetching the model to the finished report.</summary>
internal sealed class BuildJob(
    ModelFetcher fetcher,
    EngineProducer producer,
    EngineMeasurer measurer,
    LaneGuard guard,
    IOptions<WorkerOptions> options,
    TimeProvider time)
{
    public async Task<JobOutcome> RunAsync(
        BuildRequest request, IProgress<JobProgress> progress, CancellationToken cancellationToken)
    {
        if (guard.Refusal(request.Lane) is { } refusal) return new JobOutcome.Failed(BuildFailureKind.WrongLane, refusal);
        using JobWorkspace workspace = JobWorkspace.Create(options.Value.WorkDirectory);
        var clock = new StageClock(time, progress);
        try
        {
            clock.Begin("fetch");
            FetchedModel model = await fetcher.FetchAsync(request, workspace, cancellationToken);
            ProducedEngine engine = await producer.ProduceAsync(request, model, workspace, clock, cancellationToken);
            Measurements measured = await Task.Run(
                () => measurer.Measure(engine.Bytes, model, request.Policy, clock, cancellationToken), cancellationToken);
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
        Stages = clock.Finished,
        Worker = WorkerFacts(),
        Log = engine.Log,
        FinishedAt = time.GetUtcNow(),
    };

    private ImmutableSortedDictionary<string, string> WorkerFacts() => ImmutableSortedDictionary<string, string>.Empty
        .Add("name", options.Value.Name)
        .Add("host", Environment.MachineName)
        .Add("processors", Environment.ProcessorCount.ToString(System.Globalization.CultureInfo.InvariantCulture))
        .Add("os", System.Runtime.InteropServices.RuntimeInformation.OSDescription);
}
