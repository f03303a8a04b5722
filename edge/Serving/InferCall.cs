using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections.Features;
using Pipeline.Edge.Batching;
using Pipeline.Edge.Loading;
using Pipeline.Edge.Measuring;
using Pipeline.Edge.Protocol;
using Pipeline.Edge.Routing;
using Pipeline.Edge.Shadowing;
using Pipeline.Engines;

namespace Pipeline.Edge.Serving;

/// <summary>
/// Serves one inference request after another, from body to answer. It is one endless asynchronous method whose state and
/// memory serve every request, so that a request costs one task and nothing else. The version is chosen when the whole
/// request is there, and its engine held until the run has ended: a slow client never keeps an old engine alive, and no
/// swap cuts a run short.
/// </summary>
internal sealed partial class InferCall : ICriticalNotifyCompletion, IDisposable
{
    private readonly InferServices services;
    private readonly InferCallPool pool;
    private readonly RequestBody body;
    private readonly BodyTimer bodyTimer;
    private readonly InferRequest request = new();
    private readonly InputBinder inputs = new();
    private readonly RunRequest run = new();
    private readonly InferResponse response = new();
    private AsyncTaskMethodBuilder done;
    private Action? next;
    private HttpContext? http;
    private ExecutionContext? ambient;
    private InferAddress address;
    private RouteChoice choice;
    private ShadowRoute? shadow;
    private long deadline;
    private long readAt;
    private long reserved;
    private bool isAdmitted;
    private bool holdsEngine;

    public InferCall(InferServices services, InferCallPool pool)
    {
        (this.services, this.pool) = (services, pool);
        body = new RequestBody(services.Gate, services.Options.MaximumBodyBytes);
        bodyTimer = new BodyTimer(services.Time, services.Options.BodyTimeout);
        _ = ServeAllAsync();
    }

    /// <summary>Waiting for the next request never is over at once.</summary>
    public bool IsCompleted => false;

    private CancellationToken ConnectionClosed =>
        http!.Features.Get<IConnectionLifetimeFeature>()?.ConnectionClosed ?? CancellationToken.None;

    public long RetainedBytes => body.RetainedBytes + inputs.RetainedBytes + run.RetainedBytes;

    /// <summary>Serves one request; the call is back in its pool when the task ends.</summary>
    public Task ServeAsync(HttpContext context, in InferAddress to)
    {
        (http, address, ambient) = (context, to, ExecutionContext.Capture());
        // A builder without its method: the smallest task that another thread can end.
        done = AsyncTaskMethodBuilder.Create();
        Task task = done.Task;
        next!();
        return task;
    }

    public InferCall GetAwaiter() => this;

    public void GetResult()
    {
    }

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    /// <summary>
    /// Reached when a request is done and the method stands still: only now may another request use it, and only after that
    /// does the server go on, which it does on this thread.
    /// </summary>
    public void UnsafeOnCompleted(Action continuation)
    {
        next = continuation;
        if (http is null) return;
        http = null;
        AsyncTaskMethodBuilder ended = done;
        pool.Return(this);
        ended.SetResult();
    }

    public void Trim()
    {
        body.Trim();
        inputs.Trim();
        run.Trim();
    }

    public void Dispose()
    {
        body.Dispose();
        bodyTimer.Dispose();
        inputs.Dispose();
        run.Dispose();
        response.Dispose();
    }

    private async Task ServeAllAsync()
    {
        while (true)
        {
            await this;
            // The await brought back what was ambient in the request before.
            if (ambient is not null) ExecutionContext.Restore(ambient);
            try
            {
                Open();
                PipeReader reader = http!.Request.BodyReader;
                while (!body.Take(reader, await reader.ReadAsync())) bodyTimer.Continue(reader);
                bodyTimer.Stop();
                readAt = services.Time.GetTimestamp();
                InferRequestReader.Read(body.Json, request);
                while (Acquire() is { } swap)
                {
                    await SwapWait.ForAsync(services, swap, readAt, deadline, ConnectionClosed);
                    if (services.Time.GetTimestamp() >= deadline) throw TimeOver();
                }

                Submit();
                CheckOutcome(await run.Completion);
                MakeAnswer();
                // Started first, so that what follows goes straight into the connection's buffers.
                await http.Response.StartAsync();
                response.WriteBody(http.Response.BodyWriter, run);
                // Waits only for a client that reads slowly; until it has read, the memory of its answer counts as taken.
                await http.Response.BodyWriter.FlushAsync();
                if (shadow is not null)
                    ShadowRunner.Offer(shadow, choice.Version!.Engine.Scheduler.Signature, run, services.Time);
            }
            catch (Exception e)
            {
                await RefuseAsync(e);
            }

            Close();
        }
    }

    private void Open()
    {
        // Before the body is read: a model that is not here costs its sender nothing.
        _ = RequestedModel.Find(services.State.Table, address.Model);
        InferHeaders.CheckMediaType(http!.Request);
        deadline = InferHeaders.ReadDeadline(http.Request, services.Time, services.Time.GetTimestamp());
        services.Gate.Enter();
        isAdmitted = true;
        body.Open(http.Request);
    }

    private void Submit()
    {
        ServingVersion version = choice.Version!;
        EngineScheduler scheduler = version.Engine.Scheduler;
        response.Plan(body.Json, request, scheduler.Signature);
        Reserve(inputs.Bind(request, body, version.Plan, run));
        if (services.Time.GetTimestamp() >= deadline) throw TimeOver();
        run.Deadline = deadline;
        run.Statistics = version.Statistics;
        run.ClientGone = ConnectionClosed;
        if (scheduler.TrySubmit(run)) return;
        version.Statistics.CountError(choice.CountedAs, RequestErrorKind.QueueFull);
        throw AdmissionGate.Full($"{services.Options.MaximumQueuedRequests} requests wait for model '{version.Model}'");
    }

    /// <summary>Chooses the version and holds its engine; else what to wait for before it is tried again.</summary>
    private SwapInPlace? Acquire()
    {
        while (true)
        {
            ModelRoute route = RequestedModel.Find(services.State.Table, address.Model);
            if (route.Swap is { Ended.IsCompleted: false } swap
                && services.Time.GetElapsedTime(readAt) < services.Options.SwapTimeout) return swap;
            choice = RequestedModel.Choose(http!, address, route, services.State);
            // Freed between reading the table and here: a newer table is published already.
            if (!choice.Version!.Engine.TryAcquire()) continue;
            holdsEngine = true;
            bool isShadowed = route.Shadow is { } candidate && choice.Kind == RouteKind.Stable
                && candidate.Takes(services.State.NextRequestNumber());
            shadow = isShadowed ? route.Shadow : null;
            return null;
        }
    }

    private void CheckOutcome(RunOutcome outcome)
    {
        ServingVersion version = choice.Version!;
        version.Engine.Release();
        holdsEngine = false;
        switch (outcome)
        {
            case RunOutcome.Answered:
                version.Statistics.CountServed(choice.CountedAs, Times());
                return;
            case RunOutcome.TimeOver:
                version.Statistics.CountError(choice.CountedAs, RequestErrorKind.DeadlineExceeded);
                throw TimeOver();
            case RunOutcome.ClientGone:
                version.Statistics.CountError(choice.CountedAs, RequestErrorKind.ClientGone);
                throw new OperationCanceledException();
            case RunOutcome.Failed when run.Error is EngineException { Kind: EngineErrorKind.InvalidInput } refused:
                version.Statistics.CountError(choice.CountedAs, RequestErrorKind.InvalidInput);
                throw ProtocolException.BadRequest($"Version '{version.Version}' does not take the input: {refused.Message}");
            default:
                version.Statistics.CountError(choice.CountedAs, RequestErrorKind.RunFailed);
                Log.RunFailed(services.Logger, run.Error!, version.Model, version.Version, version.Engine.Digest);
                throw new ProtocolException(
                    StatusCodes.Status500InternalServerError,
                    $"Version '{version.Version}' failed to run: {run.Error!.Message}");
        }
    }

    private void MakeAnswer()
    {
        ServingVersion version = choice.Version!;
        long answerBytes = response.Make(version, body.Json, request.Id, version.Engine.Scheduler.Signature, run);
        // As the run left them, and once more in the server's buffers.
        foreach (ref readonly RunTensor output in run.Outputs) answerBytes += output.SizeBytes;
        Reserve(answerBytes);
        response.WriteHead(http!.Response, choice);
    }

    /// <summary>Sets memory aside beside the body's, until the request is closed.</summary>
    private void Reserve(long bytes) => reserved += services.Gate.Reserve(bytes);

    private RequestTimes Times() => new(
        run.TakenAt - run.SubmittedAt, run.StartedAt - run.TakenAt, run.EndedAt - run.StartedAt,
        services.Time.GetTimestamp() - readAt);

    private async ValueTask RefuseAsync(Exception e)
    {
        try
        {
            switch (e)
            {
                case ProtocolException refused:
                    services.Counters.CountRefused(refused.Status);
                    await Problem.WriteAsync(http!, refused);
                    break;
                // The connection is closed a moment before the request is aborted.
                case OperationCanceledException or IOException
                    when ConnectionClosed.IsCancellationRequested || http!.RequestAborted.IsCancellationRequested:
                    services.Counters.CountClientGone();
                    break;
                case BadHttpRequestException malformed:
                    services.Counters.CountRefused(malformed.StatusCode);
                    await Problem.WriteAsync(http!, malformed.StatusCode, malformed.Message);
                    break;
                default:
                    services.Counters.CountRefused(StatusCodes.Status500InternalServerError);
                    Log.Failed(services.Logger, e);
                    await Problem.WriteAsync(
                        http!, StatusCodes.Status500InternalServerError, "The edge failed to answer; its log says why.");
                    break;
            }
        }
        catch (Exception failed)
        {
            // Mostly the one who would read it is gone. Whatever it is, this method must live to serve the next.
            if (failed is IOException or OperationCanceledException) services.Counters.CountClientGone();
            else Log.Failed(services.Logger, failed);
            http!.Abort();
        }
    }

    private void Close()
    {
        if (holdsEngine) choice.Version!.Engine.Release();
        if (isAdmitted) services.Gate.Leave();
        bodyTimer.Stop();
        body.Close();
        services.Gate.Free(reserved);
        (reserved, holdsEngine, isAdmitted, choice, shadow) = (0, false, false, default, null);
    }

    private static ProtocolException TimeOver() => new(
        StatusCodes.Status504GatewayTimeout, $"The time that header '{InferHeaders.TimeoutHeader}' gives was over before the run.");

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "Version '{Version}' of '{Model}' with engine '{Digest}' failed to run.")]
        public static partial void RunFailed(
            ILogger logger, Exception exception, string model, string version, string digest);

        [LoggerMessage(LogLevel.Error, "An inference request could not be answered.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
