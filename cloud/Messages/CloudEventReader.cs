using System.Text;
using System.Text.Json;

namespace Pipeline.Cloud.Messages;

/// <summary>Strict reading of events. A fault is one sentence, for the dead letter's reason.</summary>
public static class CloudEventReader
{
    private const int IdLengthMaximum = 128;

    public static CloudEvent? TryRead(BinaryData body, out string? fault)
    {
        if (MessageBody.TryRead<CloudEvent>(body.ToMemory(), out fault) is not { } cloudEvent) return null;
        fault = FaultOf(cloudEvent);
        return fault is null ? cloudEvent : null;
    }

    /// <summary>The event's data as this type, when it is of this schema version.</summary>
    public static T? TryReadData<T>(CloudEvent cloudEvent, int schema, out string? fault)
        where T : class =>
        MessageBody.TryRead<T>(Encoding.UTF8.GetBytes(cloudEvent.Data.GetRawText()), schema, out fault);

    private static string? FaultOf(CloudEvent cloudEvent)
    {
        if (cloudEvent.SpecVersion != CloudEvent.CurrentSpecVersion)
        {
            return $"The event is not of CloudEvents version '{CloudEvent.CurrentSpecVersion}'.";
        }

        if (cloudEvent.Id.Length is 0 or > IdLengthMaximum)
        {
            return $"The event's id has not 1 to {IdLengthMaximum} characters.";
        }

        if (cloudEvent.Type.Length == 0 || cloudEvent.Source.Length == 0) return "The event has no type or no source.";
        return cloudEvent.Data.ValueKind == JsonValueKind.Object ? null : "The event's data is not an object.";
    }
}
