using System.Diagnostics;
using Microsoft.Azure.Functions.Worker.EmbeddedHost.ServiceBus;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.EmbeddedHost;

/// <summary>Runs one invocation: scope, span, time limit, log, output.</summary>
internal sealed partial class FunctionInvoker(
    IServiceScopeFactory scopes, HostSettings settings, TimeProvider time, ShutdownGrace grace,
    ServiceBusOutput output, ILoggerFactory loggers)
{
    /// <summary>The source of the spans, named as the official worker names it.</summary>
    public static readonly ActivitySource Spans = new("Microsoft.Azure.Functions.Worker");

    /// <summary>Runs the function and sends its output. What it throws is logged, then thrown.</summary>
    public async Task<object?> InvokeAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        FunctionDescriptor function = invocation.Function;
        await using AsyncServiceScope? own = invocation.Services is null ? scopes.CreateAsyncScope() : null;
        using Activity span = StartSpan(invocation);
        using CancellationTokenSource limit = settings.FunctionTimeout is { } timeout
            ? new CancellationTokenSource(timeout, time)
            : new CancellationTokenSource();
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, grace.Over, cancellationToken);
        var context = new EmbeddedFunctionContext(
            function, invocation.Payload, invocation.Services ?? own!.Value.ServiceProvider, span, linked.Token);

        ILogger logger = loggers.CreateLogger($"Function.{function.Name}");
        using IDisposable? scope = logger.BeginScope(new Dictionary<string, object>
        {
            ["InvocationId"] = context.InvocationId,
            ["FunctionName"] = function.Name,
        });
        Log.Executing(logger, function.Name, context.InvocationId);
        long start = time.GetTimestamp();
        try
        {
            object? result = await function.RunAsync(context);
            if (function.Output is { } target) await output.SendAsync(target, result, linked.Token);
            Log.Executed(logger, function.Name, context.InvocationId, time.GetElapsedTime(start));
            return result;
        }
        catch (OperationCanceledException) when (linked.IsCancellationRequested && !limit.IsCancellationRequested)
        {
            Log.Cancelled(logger, function.Name, context.InvocationId, time.GetElapsedTime(start));
            throw;
        }
        catch (Exception e)
        {
            Exception failure = e is OperationCanceledException && limit.IsCancellationRequested
                ? new TimeoutException($"Function '{function.Name}' ran into the functionTimeout of host.json.", e)
                : e;
            span.SetStatus(ActivityStatusCode.Error, failure.Message);
            Log.Failed(logger, failure, function.Name, context.InvocationId, time.GetElapsedTime(start));
            if (ReferenceEquals(failure, e)) throw;
            throw failure;
        }
    }

    // A span even when nobody listens: the trace goes on through this process either way.
    private static Activity StartSpan(Invocation invocation)
    {
        string name = $"function {invocation.Function.Name}";
        ActivityContext parent = default;
        bool caused = invocation.TraceParent is not null && ActivityContext.TryParse(
            invocation.TraceParent, invocation.TraceState, isRemote: true, out parent);
        Activity? span = caused
            ? Spans.StartActivity(name, invocation.Kind, parent)
            : Spans.StartActivity(name, invocation.Kind);
        if (span is null)
        {
            span = new Activity(name);
            if (caused) span.SetParentId(parent.TraceId, parent.SpanId, parent.TraceFlags);
            if (caused) span.TraceStateString = parent.TraceState;
            span.Start();
        }

        return span.SetTag("faas.name", invocation.Function.Name);
    }
}
