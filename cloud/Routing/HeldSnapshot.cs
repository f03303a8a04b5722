using System.Globalization;
using Azure;
using Azure.Storage.Blobs.Models;
using Pipeline.Core.Fleet;

namespace Pipeline.Cloud.Routing;

/// <summary>What the metadata of a snapshot blob tells of its content, so that the publisher need not read it.</summary>
/// <param name="ETag">Null when there is no blob.</param>
internal sealed record HeldSnapshot(ETag? ETag, long Revision, string KeyId, int Replicas, TimeSpan PollInterval)
{
    public static HeldSnapshot Of(BlobProperties? blob) => new(
        blob?.ETag,
        NumberOf(blob, EntityNames.RevisionMetadata),
        blob is not null && blob.Metadata.TryGetValue(EntityNames.KeyIdMetadata, out string? key) ? key : "",
        PollPlan.ReplicasWithin((int)Math.Min(NumberOf(blob, EntityNames.ReplicasMetadata), int.MaxValue)),
        TimeSpan.FromMilliseconds(Math.Min(NumberOf(blob, EntityNames.PollIntervalMetadata), int.MaxValue)));

    /// <summary>Whether an edge that reads this blob is as well off as with the next one.</summary>
    public bool Serves(HeldSnapshot next) =>
        Revision == next.Revision && KeyId == next.KeyId && Replicas == next.Replicas
        && !PollPlan.IsOutdated(PollInterval, next.PollInterval);

    public Dictionary<string, string> ToMetadata() => new()
    {
        [EntityNames.RevisionMetadata] = Revision.ToString(CultureInfo.InvariantCulture),
        [EntityNames.KeyIdMetadata] = KeyId,
        [EntityNames.ReplicasMetadata] = Replicas.ToString(CultureInfo.InvariantCulture),
        [EntityNames.PollIntervalMetadata] = ((long)PollInterval.TotalMilliseconds).ToString(CultureInfo.InvariantCulture),
    };

    private static long NumberOf(BlobProperties? blob, string name) =>
        blob is not null && blob.Metadata.TryGetValue(name, out string? text)
        && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : 0;
}
