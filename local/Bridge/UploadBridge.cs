using Azure;
using Azure.Messaging.ServiceBus;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Pipeline.Cloud.Blobs;

namespace Pipeline.Local.Bridge;

/// <summary>
/// Stands in for Event Grid, which the storage emulator lacks: looks at the models container again and again, and sends
/// a BlobCreated event for each new or changed model file. At least once, never lost.
/// </summary>
public sealed class UploadBridge(
    BlobContainerClient models, ServiceBusSender queue, BridgeCursorFile file, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PauseAfterFault = TimeSpan.FromSeconds(1);

    /// <summary>Runs until cancelled. A fault of storage or Service Bus is told, and tried again.</summary>
    public async Task RunAsync(Action<string> say, CancellationToken cancellationToken)
    {
        BridgeCursor cursor = file.Read();
        while (true)
        {
            TimeSpan pause = Interval;
            try
            {
                cursor = await LookAsync(cursor, say, cancellationToken);
            }
            catch (Exception e) when (e is RequestFailedException or ServiceBusException or AggregateException)
            {
                say($"The bridge tries again in {PauseAfterFault.TotalSeconds:0} s: {e.Message}");
                pause = PauseAfterFault;
            }

            await Task.Delay(pause, time, cancellationToken);
        }
    }

    private async Task<BridgeCursor> LookAsync(
        BridgeCursor cursor, Action<string> say, CancellationToken cancellationToken)
    {
        var listing = new List<UploadedBlob>();
        await foreach (BlobItem blob in models.GetBlobsAsync(cancellationToken: cancellationToken))
        {
            listing.Add(new UploadedBlob
            {
                Path = blob.Name,
                ETag = ETagText.Of(blob.Properties.ETag ?? default),
                SizeBytes = blob.Properties.ContentLength ?? 0,
                ContentType = blob.Properties.ContentType,
                LastModified = blob.Properties.LastModified ?? default,
            });
        }

        foreach (UploadedBlob blob in cursor.NewIn(listing))
        {
            await queue.SendMessageAsync(BlobCreatedMessage.Create(blob, models.Uri), cancellationToken);
            say($"Told about '{blob.Path}', {blob.SizeBytes} bytes.");
        }

        BridgeCursor next = cursor.After(listing);
        if (!next.Told.SequenceEqual(cursor.Told)) file.Write(next);
        return next;
    }
}
