using Microsoft.Net.Http.Headers;
using Pipeline.Edge.Measuring;
using Pipeline.Edge.Protocol;
using Pipeline.Edge.Routing;
using Pipeline.Engines;

namespace Pipeline.Edge.Serving;

/// <summary>
/// One inference request from body to answer. The version is chosen when the whole request is there, and its engine
/// held until the answer is in the server's buffers: a slow client never keeps an old engine alive, and no swap cuts a
/// run short.
/// </summary>
internal sealed partial class InferenceHandler(
    EdgeState state, AdmissionGate gate, EdgeCounters counters, EdgeOptions options, TimeProvider time,
    ILogger<InferenceHandler> logger)
{
    public async Task HandleAsync(HttpContext http)
    {
        bool entered = false;
        try
        {
            string model = RequestedModel.Name(http);
            // Before the body is read: a model that is not here costs its sender nothing.
            _ = RequestedModel.Find(state.Table, model);
            CheckMediaType(http.Request);
            gate.Enter();
            entered = true;
            await InferAsync(http, model);
        }
        catch (ProtocolException e)
        {
            counters.CountRefused(e.Status);
            await Problem.WriteAsync(http, e);
        }
        catch (Exception e) when (
            e is OperationCanceledException or IOException && http.RequestAborted.IsCancellationRequested)
        {
            counters.CountClientGone();
        }
        catch (BadHttpRequestException e)
        {
            counters.CountRefused(e.StatusCode);
            await Problem.WriteAsync(http, e.StatusCode, e.Message);
        }
        finally
        {
            if (entered) gate.Leave();
        }
    }

    private async Task InferAsync(HttpContext http, string model)
    {
        using RequestBody body =
            await RequestBody.ReadAsync(http.Request, gate, options.MaximumBodyBytes, http.RequestAborted);
        InferRequest request = InferRequestReader.Read(body.Json);
        RouteChoice choice = Acquire(http, model);
        ServingVersion version = choice.Version!;
        try
        {
            IEngine engine = version.Engine.Engine;
            (int Index, bool Binary)[] plan = InferResponse.Plan(request, engine.Outputs);
            using BoundInputs inputs = BoundInputs.Bind(request, body, engine.Inputs, version.Profiles);
            using EngineOutputs outputs = await RunAsync(choice, inputs, http.RequestAborted);
            await InferResponse.WriteAsync(http, choice, request.Id, plan, outputs);
        }
        finally
        {
            version.Engine.Release();
        }

        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }

    private RouteChoice Acquire(HttpContext http, string model)
    {
        while (true)
        {
            RouteChoice choice = RequestedModel.Choose(http, RequestedModel.Find(state.Table, model), state);
            // Freed between reading the table and here: a newer table is published already.
            if (choice.Version!.Engine.TryAcquire()) return choice;
        }
    }

    private async Task<EngineOutputs> RunAsync(
        RouteChoice choice, BoundInputs inputs, CancellationToken cancellationToken)
    {
        ServingVersion version = choice.Version!;
        long started = time.GetTimestamp();
        await gate.StartRunAsync(cancellationToken);
        try
        {
            long taken = time.GetTimestamp();
            EngineOutputs outputs = version.Engine.Engine.Run(inputs.Tensors, cancellationToken);
            long ended = time.GetTimestamp();
            version.Statistics.CountServed(choice.Kind, new(taken - started, 0, ended - taken, ended - started));
            return outputs;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            version.Statistics.CountError(choice.Kind, RequestErrorKind.RunFailed);
            Log.RunFailed(logger, e, version.Model, version.Version, version.Engine.Digest);
            throw new ProtocolException(
                StatusCodes.Status500InternalServerError, $"Version '{version.Version}' failed to run: {e.Message}");
        }
        finally
        {
            gate.EndRun();
        }
    }

    private static void CheckMediaType(HttpRequest request)
    {
        string? type = request.ContentType;
        bool known = string.IsNullOrEmpty(type)
            || (MediaTypeHeaderValue.TryParse(type, out MediaTypeHeaderValue? parsed)
            && (parsed.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
                || parsed.MediaType.Equals("application/octet-stream", StringComparison.OrdinalIgnoreCase)));
        if (!known)
        {
            throw new ProtocolException(
                StatusCodes.Status415UnsupportedMediaType,
                $"Media type {ProtocolException.Quote(type!)} is not taken; send application/json or " +
                "application/octet-stream.");
        }

        if (request.Headers.ContentEncoding.Count > 0)
        {
            throw new ProtocolException(
                StatusCodes.Status415UnsupportedMediaType,
                "Compressed bodies are not taken; send without Content-Encoding.");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "Version '{Version}' of '{Model}' with engine '{Digest}' failed to run.")]
        public static partial void RunFailed(
            ILogger logger, Exception exception, string model, string version, string digest);
    }
}
