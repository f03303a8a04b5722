using Pipeline.Cloud.Messages;

namespace Pipeline.Cloud.Tests.Messages;

public sealed class BlobEventReaderTests
{
    private const string Event =
        """
        {
          "topic": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a",
          "subject": "/blobServices/default/containers/models/blobs/ocr-rec/4/model.onnx",
          "eventType": "Microsoft.Storage.BlobCreated",
          "eventTime": "2026-03-04T05:06:07.1234567Z",
          "id": "831e1650-001e-001b-66ab-eeb76e069631",
          "data": {
            "api": "PutBlockList",
            "clientRequestId": "6d79dbfb-0e37-4fc4-981f-442c9ca65760",
            "eTag": "0x8D4BCC2E4835CD0",
            "contentType": "application/octet-stream",
            "contentLength": 524288,
            "blobType": "BlockBlob",
            "url": "https://a.blob.core.windows.net/models/ocr-rec/4/model.onnx",
            "sequencer": "00000000000004420000000000028963",
            "storageDiagnostics": { "batchId": "b68529f3-68cd-4744-baa4-3c0498ec19f0" }
          },
          "dataVersion": "",
          "metadataVersion": "1"
        }
        """;

    [Theory]
    [InlineData(Event)]
    [InlineData("[" + Event + "]")]
    [InlineData(" \r\n[" + Event + "]\n")]
    public void Event_AsObjectOrArrayOfOne_IsRead(string json)
    {
        BlobCreated? created = BlobEventReader.TryRead(BinaryData.FromString(json), out string? fault);

        Assert.Null(fault);
        Assert.Equal(
            new BlobCreated
            {
                Container = "models",
                Path = "ocr-rec/4/model.onnx",
                ETag = "0x8D4BCC2E4835CD0",
                SizeBytes = 524288,
                Api = "PutBlockList",
                At = new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero).AddTicks(1234567),
            },
            created);
    }

    [Theory]
    [InlineData("", "not a")]
    [InlineData("not json", "not a")]
    [InlineData("null", "null")]
    [InlineData("7", "not a")]
    [InlineData("{}", "required")]
    [InlineData("[]", "0 events")]
    [InlineData("[null]", "1 events")]
    [InlineData("[" + Event + "," + Event + "]", "2 events")]
    public void Body_ThatIsNoEvent_HasAFault(string json, string inFault) => AssertFault(json, inFault);

    [Theory]
    [InlineData("Microsoft.Storage.BlobCreated", "Microsoft.Storage.BlobDeleted", "type")]
    [InlineData("\"0x8D4BCC2E4835CD0\"", "\"\"", "ETag")]
    [InlineData("524288", "-1", "length")]
    [InlineData("524288", "\"many\"", "not a")]
    [InlineData("2026-03-04T05:06:07.1234567Z", "yesterday", "not a")]
    [InlineData("containers/models/blobs", "containers/models", "subject")]
    [InlineData("containers/models/blobs", "containers/mod_els/blobs", "subject")]
    [InlineData("containers/models/blobs", "containers/../blobs", "subject")]
    [InlineData("blobs/ocr-rec/4/model.onnx", "blobs/", "subject")]
    [InlineData("blobs/ocr-rec/4/model.onnx", "blobs//model.onnx", "subject")]
    [InlineData("blobs/ocr-rec/4/model.onnx", "blobs/ocr-rec/../x/model.onnx", "subject")]
    [InlineData("blobs/ocr-rec/4/model.onnx", "blobs/ocr-rec/./model.onnx", "subject")]
    [InlineData("blobs/ocr-rec/4/model.onnx", "blobs/..", "subject")]
    [InlineData("blobs/ocr-rec/4/model.onnx", "blobs/ocr-rec/4/", "subject")]
    [InlineData("blobs/ocr-rec/4/model.onnx", @"blobs/ocr-rec\\..\\model.onnx", "subject")]
    [InlineData("blobs/ocr-rec/4/model.onnx", @"blobs/ocr-rec/4\u0000/model.onnx", "subject")]
    [InlineData("blobs/ocr-rec/4/model.onnx", @"blobs/ocr-rec/4\n/model.onnx", "subject")]
    public void Event_WithAHostilePart_HasAFault(string part, string hostile, string inFault)
    {
        Assert.Contains(part, Event, StringComparison.Ordinal);
        AssertFault(Event.Replace(part, hostile, StringComparison.Ordinal), inFault);
    }

    [Fact]
    public void Path_LongerThanABlobs_HasAFault() => AssertFault(
        Event.Replace("ocr-rec/4", new string('a', 1024), StringComparison.Ordinal), "subject");

    [Fact]
    public void Body_LargerThanAnyMessage_HasAFault() => AssertFault(
        Event.Replace("ocr-rec/4", new string('a', 300_000), StringComparison.Ordinal), "at most");

    private static void AssertFault(string json, string inFault)
    {
        Assert.Null(BlobEventReader.TryRead(BinaryData.FromString(json), out string? fault));
        Assert.Contains(inFault, fault, StringComparison.OrdinalIgnoreCase);
        Assert.InRange(fault!.Length, 1, 1000);
    }
}
