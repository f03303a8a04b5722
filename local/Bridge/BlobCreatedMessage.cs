using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Pipeline.Cloud;

namespace Pipeline.Local.Bridge;

/// <summary>
/// The message that Event Grid would put on a Service Bus queue for a finished upload (Event Grid's own schema).
/// </summary>
public static class BlobCreatedMessage
{
    private const string Topic =
        "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/local/providers/" +
        "Microsoft.Storage/storageAccounts/devstoreaccount1";

    /// <param name="blob">The upload.</param>
    /// <param name="container">Address of the models container.</param>
    public static ServiceBusMessage Create(UploadedBlob blob, Uri container)
    {
        // The same upload always gets the same id, so that Service Bus drops what is sent twice within its window.
        string id = new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{blob.Path}\n{blob.ETag}")).AsSpan(0, 16))
            .ToString();
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(new
        {
            id,
            topic = Topic,
            subject = $"/blobServices/default/containers/{EntityNames.ModelsContainer}/blobs/{blob.Path}",
            eventType = "Microsoft.Storage.BlobCreated",
            eventTime = blob.LastModified.UtcDateTime,
            dataVersion = "",
            metadataVersion = "1",
            data = new
            {
                api = "PutBlob",
                requestId = id,
                eTag = blob.ETag,
                contentType = blob.ContentType ?? "application/octet-stream",
                contentLength = blob.SizeBytes,
                blobType = "BlockBlob",
                url = $"{container.AbsoluteUri.TrimEnd('/')}/{blob.Path}",
                sequencer = blob.LastModified.UtcTicks.ToString("x32", CultureInfo.InvariantCulture),
            },
        });
        return new ServiceBusMessage(body)
        {
            MessageId = id,
            ContentType = "application/json",
            ApplicationProperties = { ["aeg-event-type"] = "Notification", ["aeg-subscription-name"] = "LOCAL" },
        };
    }
}
