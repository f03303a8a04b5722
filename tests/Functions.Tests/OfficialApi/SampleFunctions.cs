using Azure.Messaging.ServiceBus;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Pipeline.Functions.Tests.OfficialApi;

/// <summary>
/// Uses all that sdk/ offers to function classes. This project compiles it with sdk/; the tests compile the same text
/// with the official signatures.
/// </summary>
public sealed partial class SampleFunctions(ILogger<SampleFunctions> logger)
{
    [Function("SampleMessage")]
    public async Task HandleAsync(
        [ServiceBusTrigger("%Queue%", Connection = "Bus", AutoCompleteMessages = false)]
        ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions, FunctionContext context, CancellationToken cancellationToken)
    {
        await actions.RenewMessageLockAsync(message, cancellationToken);
        switch (message.Subject)
        {
            case "complete":
                await actions.CompleteMessageAsync(message, cancellationToken);
                break;
            case "abandon":
                await actions.AbandonMessageAsync(message, cancellationToken: cancellationToken);
                break;
            case "defer":
                await actions.DeferMessageAsync(message, null, cancellationToken);
                break;
            default:
                await actions.DeadLetterMessageAsync(
                    message, new Dictionary<string, object> { ["at"] = context.FunctionDefinition.Name }, "Unknown",
                    context.InvocationId, cancellationToken);
                break;
        }

        Log.Handled(logger, context.FunctionId, context.TraceContext.TraceParent, context.InstanceServices);
    }

    [Function("SampleEvent")]
    [ServiceBusOutput("next", ServiceBusEntityType.Topic, Connection = "Bus")]
    public static string[] Pass([ServiceBusTrigger("topic", "subscription", Connection = "Bus")] BinaryData body) =>
        [body.ToString()];

    [Function(nameof(SampleTimer))]
    public static Task SampleTimer(
        [TimerTrigger("0 */5 * * * *", RunOnStartup = true, UseMonitor = false)] TimerInfo timer) =>
        timer.IsPastDue && timer.ScheduleStatus?.Next > timer.ScheduleStatus?.Last
            ? Task.FromException(new FunctionWorkerException("late"))
            : Task.CompletedTask;

    [Function("SampleHttp")]
    public static IActionResult Get(
        [HttpTrigger(AuthorizationLevel.Function, "get", "post", Route = "samples/{name}/{number:int}")]
        HttpRequest request,
        string name, int number) => new OkObjectResult(new { request.Method, name, number });

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Handled {Function} in {Trace} with {Services}.")]
        public static partial void Handled(ILogger logger, string function, string trace, IServiceProvider services);
    }
}
