using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Pipeline.Cloud.Engines;
using Pipeline.Cloud.Messages;
using Pipeline.Cloud.Promotions;
using Pipeline.Core.Builds;
using Pipeline.Core.Events;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.GpuWorker.Jobs;

namespace Pipeline.GpuWorker.Queue;

/// <summary>
/// Does one build request and tells the functions. On redelivery a request that has its outcome is passed over; else a
/// committed engine is found and only measured, and the report is written again.
/// </summary>
internal sealed partial class RequestHandler(
    BuildJob job,
    LaneStore lanes,
    ReportStore reports,
    EventPublisher events,
    IOptions<WorkerOptions> options,
    TimeProvider time,
    ILogger<RequestHandler> logger)
{
    // Builds fail at the end of what they log.
    private const int LogLinesMaximum = 50;

    public async Task HandleAsync(BuildRequest request, string? traceParent, CancellationToken cancellationToken)
    {
        if (await IsAnsweredAsync(request, cancellationToken))
        {
            Log.Answered(logger, request.Model, request.Version, request.Attempt);
            return;
        }

        JobOutcome outcome;
        await using (var progress = new ProgressWriter(lanes, request, options.Value.Name, time))
            outcome = await job.RunAsync(request, progress, cancellationToken);
        if (outcome is JobOutcome.Built built) outcome = await TellAsync(request, built, traceParent, cancellationToken);
        if (outcome is JobOutcome.Failed failed)
        {
            await SendAsync(request, EventTypes.EngineFailed, ToEvent(request, failed), traceParent, cancellationToken);
            Log.Failed(logger, request.Model, request.Version, failed.Kind, failed.Message);
            foreach (string line in failed.Log.TakeLast(LogLinesMaximum)) Log.Said(logger, request.Model, request.Version, line);
        }
    }

    // A request that was sent again during a backlog, or delivered twice, costs one read.
    private async Task<bool> IsAnsweredAsync(BuildRequest request, CancellationToken cancellationToken)
    {
        var id = new ModelVersion(request.Model, request.Version);
        LaneRecord? lane = (await lanes.ReadAsync(id, request.Lane, cancellationToken))?.Value;
        return lane is not null &&
            (lane.Attempt > request.Attempt || (lane.Attempt == request.Attempt && lane.Phase != LanePhase.Queued));
    }

    private async Task<JobOutcome> TellAsync(
        BuildRequest request, JobOutcome.Built built, string? traceParent, CancellationToken cancellationToken)
    {
        string sha256;
        try
        {
            sha256 = await reports.WriteAsync(built.Report, cancellationToken);
        }
        catch (InvalidDataException e)
        {
            // Too large, and it would be so again.
            return new JobOutcome.Failed(BuildFailureKind.BuildFailed, e.Message);
        }

        await SendAsync(request, EventTypes.EngineBuilt, ToEvent(built.Report, sha256), traceParent, cancellationToken);
        Log.Built(logger, request.Model, request.Version, built.Report.EngineDigest, built.Report.Reused);
        return built;
    }

    private Task SendAsync<T>(
        BuildRequest request, string type, T data, string? traceParent, CancellationToken cancellationToken) =>
        events.PublishAsync(
            CloudEvent.Create(type, $"{request.Model}/{request.Version}", data, time.GetUtcNow(), traceParent), cancellationToken);

    private static EngineBuilt ToEvent(BuildReport report, string sha256) => new()
    {
        Schema = EngineBuilt.CurrentSchema,
        Model = report.Model,
        Version = report.Version,
        AcceptanceNumber = report.AcceptanceNumber,
        Lane = report.Lane,
        Attempt = report.Attempt,
        EngineKey = report.EngineKey,
        EngineDigest = report.EngineDigest,
        ReportSha256 = sha256,
    };

    // Names from the model may be in the message, as long as they like.
    private static EngineFailed ToEvent(BuildRequest request, JobOutcome.Failed failed) => EngineFailed.Of(
        request,
        failed.Kind,
        failed.Message[..Math.Min(failed.Message.Length, EngineOutcomeReader.MessageLengthMaximum)]);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Attempt {Attempt} of {Model}/{Version} has its outcome already.")]
        public static partial void Answered(ILogger logger, string model, string version, int attempt);

        [LoggerMessage(LogLevel.Information, "Built {Model}/{Version}: engine {EngineDigest}, reused: {Reused}.")]
        public static partial void Built(ILogger logger, string model, string version, string engineDigest, bool reused);

        [LoggerMessage(LogLevel.Warning, "The build of {Model}/{Version} said: {Line}")]
        public static partial void Said(ILogger logger, string model, string version, string line);

        [LoggerMessage(LogLevel.Warning, "No engine for {Model}/{Version}: {Kind}: {Message}")]
        public static partial void Failed(
            ILogger logger, string model, string version, BuildFailureKind kind, string message);
    }
}
