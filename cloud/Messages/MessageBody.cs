using Pipeline.Cloud.Documents;
using Pipeline.Core.Builds;
using Pipeline.Core.Json;

namespace Pipeline.Cloud.Messages;

/// <summary>JSON bodies of messages: bounded, and of a schema version that the reader knows.</summary>
internal static class MessageBody
{
    /// <inheritdoc cref="BuildRequest.SizeBytesMaximum"/>
    public const int SizeBytesMaximum = BuildRequest.SizeBytesMaximum;

    // What a dead letter's description takes is 4,096; a fault may quote a hostile document.
    private const int FaultLengthMaximum = 1000;

    /// <exception cref="InvalidDataException">It does not fit a message.</exception>
    public static BinaryData Write<T>(T value)
    {
        byte[] json = PipelineJson.Write(value);
        return json.Length <= SizeBytesMaximum
            ? BinaryData.FromBytes(json)
            : throw new InvalidDataException(
                $"A {typeof(T).Name} of {json.Length} bytes does not fit a message, which takes {SizeBytesMaximum}.");
    }

    /// <summary>Reads a body without a schema version; null with the fault as a sentence.</summary>
    public static T? TryRead<T>(ReadOnlyMemory<byte> json, out string? fault)
        where T : class
    {
        if (json.Length > SizeBytesMaximum)
        {
            fault = $"The message has {json.Length} bytes; at most {SizeBytesMaximum} are read.";
            return null;
        }

        T? value = PipelineJson.TryRead<T>(json.Span, out fault);
        if (fault?.Length > FaultLengthMaximum) fault = fault[..FaultLengthMaximum];
        return value;
    }

    /// <summary>Reads a body of this schema version; null with the fault as a sentence.</summary>
    public static T? TryRead<T>(ReadOnlyMemory<byte> json, int schema, out string? fault)
        where T : class
    {
        // Before the rest: a newer version may well have another shape, and the fault should name the true cause.
        if (TryRead<SchemaProbe>(json, out fault) is not { } probe) return null;
        if (probe.Schema == schema) return JsonNulls.Refuse(TryRead<T>(json, out fault), json, ref fault);
        fault = probe.Schema is { } other
            ? $"The {typeof(T).Name} has schema version '{other}'; this program reads version '{schema}'."
            : $"The {typeof(T).Name} names no schema version.";
        return null;
    }

    private sealed record SchemaProbe
    {
        public int? Schema { get; init; }
    }
}
