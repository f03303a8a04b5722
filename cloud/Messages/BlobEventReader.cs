using System.Text.RegularExpressions;
using Pipeline.Cloud.Blobs;

namespace Pipeline.Cloud.Messages;

/// <summary>
/// Reads Event Grid's BlobCreated events in Event Grid's own schema, as one object or an array of one (handlers see
/// either). A fault is one sentence, for the dead letter's reason.
/// </summary>
public static partial class BlobEventReader
{
    private const string EventType = "Microsoft.Storage.BlobCreated";

    public static BlobCreated? TryRead(BinaryData body, out string? fault)
    {
        if (ReadOne(body.ToMemory(), out fault) is not { } gridEvent) return null;
        if (gridEvent.EventType != EventType)
        {
            fault = $"The event is not of type '{EventType}'.";
            return null;
        }

        Match subject = SubjectText().Match(gridEvent.Subject);
        if (!subject.Success || !BlobPath.IsSafe(subject.Groups["path"].Value))
        {
            fault = "The event's subject names no container and plain blob path.";
            return null;
        }

        if (gridEvent.Data.ETag.Length == 0 || gridEvent.Data.ContentLength < 0)
        {
            fault = "The event's data has no ETag or a negative length.";
            return null;
        }

        return new BlobCreated
        {
            Container = subject.Groups["container"].Value,
            Path = subject.Groups["path"].Value,
            ETag = ETagText.Bare(gridEvent.Data.ETag),
            SizeBytes = gridEvent.Data.ContentLength,
            Api = gridEvent.Data.Api,
            At = gridEvent.EventTime,
        };
    }

    private static GridEvent? ReadOne(ReadOnlyMemory<byte> json, out string? fault)
    {
        bool isArray = json.Span.TrimStart(" \t\r\n"u8) is [(byte)'[', ..];
        if (!isArray) return MessageBody.TryRead<GridEvent>(json, out fault);
        if (MessageBody.TryRead<GridEvent?[]>(json, out fault) is not { } events) return null;
        if (events is [{ } one]) return one;
        fault = $"The message holds {events.Length} events; one is expected.";
        return null;
    }

    [GeneratedRegex(
        @"\A/blobServices/default/containers/(?<container>[a-z0-9][a-z0-9-]{2,62})/blobs/(?<path>.+)\z",
        RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex SubjectText();

    private sealed record GridEvent
    {
        public required string EventType { get; init; }

        public required string Subject { get; init; }

        public required DateTimeOffset EventTime { get; init; }

        public required GridData Data { get; init; }
    }

    private sealed record GridData
    {
        public required string Api { get; init; }

        public required string ETag { get; init; }

        public required long ContentLength { get; init; }
    }
}
