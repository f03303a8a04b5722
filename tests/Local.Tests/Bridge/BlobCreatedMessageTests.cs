using Azure.Messaging.ServiceBus;
using Pipeline.Cloud.Messages;
using Pipeline.Local.Bridge;

namespace Pipeline.Local.Tests.Bridge;

public sealed class BlobCreatedMessageTests
{
    private static readonly Uri Container = new("http://127.0.0.1:10000/devstoreaccount1/models");

    private static readonly UploadedBlob Blob = new()
    {
        Path = "ocr-rec/1/model.onnx",
        ETag = "0x8DC",
        SizeBytes = 42,
        LastModified = new DateTimeOffset(2026, 11, 20, 10, 30, 0, TimeSpan.Zero),
    };

    [Fact]
    public void Create_ReadByTheFunctions_GivesTheUpload()
    {
        ServiceBusMessage message = BlobCreatedMessage.Create(Blob, Container);

        BlobCreated? read = BlobEventReader.TryRead(message.Body, out string? fault);

        Assert.Null(fault);
        Assert.Equal(
            new BlobCreated
            {
                Container = "models",
                Path = Blob.Path,
                ETag = Blob.ETag,
                SizeBytes = 42,
                Api = "PutBlob",
                At = Blob.LastModified,
            },
            read);
    }

    [Fact]
    public void Create_SameUploadTwice_HasTheSameId()
    {
        string first = BlobCreatedMessage.Create(Blob, Container).MessageId;

        Assert.Equal(first, BlobCreatedMessage.Create(Blob, Container).MessageId);
        Assert.NotEqual(first, BlobCreatedMessage.Create(Blob with { ETag = "0x8DD" }, Container).MessageId);
        Assert.NotEqual(
            first, BlobCreatedMessage.Create(Blob with { Path = "ocr-rec/2/model.onnx" }, Container).MessageId);
    }
}
