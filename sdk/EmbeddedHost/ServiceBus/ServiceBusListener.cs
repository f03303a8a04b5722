using System.Diagnostics;
using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.EmbeddedHost.ServiceBus;

/// <summary>Runs a processor for each function with a Service Bus trigger.</summary>
internal sealed partial class ServiceBusListener(
    FunctionCatalog catalog, ServiceBusConnections connections, HostSettings settings, FunctionInvoker invoker,
    ILogger<ServiceBusListener> logger) : IHostedService, IAsyncDisposable
{
    private readonly List<ServiceBusProcessor> _processors = [];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (FunctionDescriptor function in catalog.All)
        {
            if (function.Trigger is not ServiceBusTriggerBinding trigger) continue;
            ServiceBusProcessor processor = Create(trigger);
            // Without the processor's own token: it is cancelled as soon as a stop is asked for.
            processor.ProcessMessageAsync += args =>
                HandleAsync(function, args.Message, new ProcessorMessageActions(args), CancellationToken.None);
            processor.ProcessErrorAsync += args =>
            {
                // A failed function is in the log already.
                if (args.ErrorSource is not ServiceBusErrorSource.ProcessMessageCallback)
                    Log.Trouble(logger, args.Exception, function.Name, args.EntityPath, args.ErrorSource);
                return Task.CompletedTask;
            };
            _processors.Add(processor);
            await processor.StartProcessingAsync(cancellationToken);
        }
    }

    /// <summary>Takes no more messages and waits for those that are being handled.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(_processors.Select(processor => processor.StopProcessingAsync(cancellationToken)));
        }
        catch (OperationCanceledException)
        {
            Log.LeftBehind(logger);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ServiceBusProcessor processor in _processors) await processor.DisposeAsync();
    }

    /// <summary>Runs the function for one message. When it throws, the processor abandons the message.</summary>
    public Task HandleAsync(
        FunctionDescriptor function, ServiceBusReceivedMessage message, ServiceBusMessageActions actions,
        CancellationToken cancellationToken) => invoker.InvokeAsync(
            new Invocation(function, new ServiceBusDelivery(message, actions), ActivityKind.Consumer)
            {
                TraceParent = TextOf(message, "traceparent") ?? TextOf(message, "Diagnostic-Id"),
                TraceState = TextOf(message, "tracestate"),
            },
            cancellationToken);

    private ServiceBusProcessor Create(ServiceBusTriggerBinding trigger)
    {
        ServiceBusProcessorOptions limits = settings.Processor;
        var options = new ServiceBusProcessorOptions
        {
            AutoCompleteMessages = trigger.AutoComplete,
            MaxAutoLockRenewalDuration = limits.MaxAutoLockRenewalDuration,
            MaxConcurrentCalls = limits.MaxConcurrentCalls,
            PrefetchCount = limits.PrefetchCount,
        };
        ServiceBusClient client = connections.Get(trigger.Connection);
        return trigger.Subscription is { } subscription
            ? client.CreateProcessor(trigger.Entity, subscription, options)
            : client.CreateProcessor(trigger.Entity, options);
    }

    private static string? TextOf(ServiceBusReceivedMessage message, string property) =>
        message.ApplicationProperties.TryGetValue(property, out object? value) ? value as string : null;

    private static partial class Log
    {
        [LoggerMessage(
            LogLevel.Warning, "Service Bus '{Entity}' for '{Function}' has trouble ({Source}); trying again.")]
        public static partial void Trouble(
            ILogger logger, Exception exception, string function, string entity, ServiceBusErrorSource source);

        [LoggerMessage(LogLevel.Warning, "Some messages were still being handled when the host had to leave.")]
        public static partial void LeftBehind(ILogger logger);
    }
}
