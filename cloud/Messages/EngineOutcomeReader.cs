using Azure.Messaging.ServiceBus;
using Pipeline.Core.Events;
using Pipeline.Core.Naming;

namespace Pipeline.Cloud.Messages;

/// <summary>Reads engine.built and engine.failed; whatever gets through has valid names and digests.</summary>
public static class EngineOutcomeReader
{
    public const int MessageLengthMaximum = 4000;

    public static EngineOutcome Read(ServiceBusReceivedMessage message) => Read(message.Body);

    public static EngineOutcome Read(BinaryData body)
    {
        if (CloudEventReader.TryRead(body, out string? fault) is not { } cloudEvent)
        {
            return new EngineOutcome.Unreadable(fault!);
        }

        return cloudEvent.Type switch
        {
            EventTypes.EngineBuilt => ReadBuilt(cloudEvent),
            EventTypes.EngineFailed => ReadFailed(cloudEvent),
            _ => new EngineOutcome.Unreadable(
                $"The event is neither '{EventTypes.EngineBuilt}' nor '{EventTypes.EngineFailed}'."),
        };
    }

    private static EngineOutcome ReadBuilt(CloudEvent cloudEvent)
    {
        EngineBuilt? built = CloudEventReader.TryReadData<EngineBuilt>(
            cloudEvent, EngineBuilt.CurrentSchema, out string? fault);
        if (built is null) return new EngineOutcome.Unreadable(fault!);
        if (!IsAttempt(built.Model, built.Version, built.AcceptanceNumber, built.Attempt)) return BadNames();
        return new[] { built.EngineKey, built.EngineDigest, built.ReportSha256 }.All(Names.IsSha256)
            ? new EngineOutcome.Built(built)
            : new EngineOutcome.Unreadable("The event's key and digests are not SHA-256 in lower-case hexadecimal.");
    }

    private static EngineOutcome ReadFailed(CloudEvent cloudEvent)
    {
        EngineFailed? failed = CloudEventReader.TryReadData<EngineFailed>(
            cloudEvent, EngineFailed.CurrentSchema, out string? fault);
        if (failed is null) return new EngineOutcome.Unreadable(fault!);
        if (!IsAttempt(failed.Model, failed.Version, failed.AcceptanceNumber, failed.Attempt)) return BadNames();
        return failed.Message.Length <= MessageLengthMaximum
            ? new EngineOutcome.Failed(failed)
            : new EngineOutcome.Failed(failed with { Message = failed.Message[..MessageLengthMaximum] });
    }

    private static bool IsAttempt(string model, string version, long number, int attempt) =>
        ModelVersion.TryCreate(model, version, out _) && number >= 1 && attempt >= 1;

    private static EngineOutcome.Unreadable BadNames() =>
        new("The event names no valid model, version, acceptance number and attempt.");
}
