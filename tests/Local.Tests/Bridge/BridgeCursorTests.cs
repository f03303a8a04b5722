using FsCheck;
using FsCheck.Fluent;
using Pipeline.Local.Bridge;
using Pipeline.Testing;

namespace Pipeline.Local.Tests.Bridge;

public sealed class BridgeCursorTests
{
    [Fact]
    public void NewIn_ModelsAndOtherFiles_TakesModelsOldestFirst()
    {
        UploadedBlob[] listing =
        [
            Blob("b/1/model.onnx", "1", 5), Blob("a/1/model.onnx", "1", 9), Blob("a/1/promotion.json", "1", 1),
        ];

        Assert.Equal(["b/1/model.onnx", "a/1/model.onnx"], new BridgeCursor().NewIn(listing).Select(b => b.Path));
    }

    [Fact]
    public void NewIn_AfterTelling_IsEmptyUntilTheETagChanges()
    {
        UploadedBlob[] listing = [Blob("a/1/model.onnx", "1", 1)];
        BridgeCursor told = new BridgeCursor().After(listing);

        Assert.Empty(told.NewIn(listing));
        Assert.Single(told.NewIn([Blob("a/1/model.onnx", "2", 2)]));
    }

    [Fact]
    public void After_BlobIsGone_ForgetsIt()
    {
        BridgeCursor told = new BridgeCursor().After([Blob("a/1/model.onnx", "1", 1)]);

        Assert.Empty(told.After([]).Told);
    }

    [Fact]
    public void Cursor_AnyListings_TellEachVersionOfAFileExactlyOnce()
    {
        Prop.ForAll<byte[]>(steps =>
        {
            var told = new List<(string, string)>();
            var cursor = new BridgeCursor();
            var etags = new Dictionary<string, int>();
            foreach (byte step in steps)
            {
                string path = $"m/{step % 3}/model.onnx";
                etags[path] = etags.GetValueOrDefault(path) + 1;
                UploadedBlob[] listing = [.. etags.Select(e => Blob(e.Key, $"{e.Value}", e.Value))];
                told.AddRange(cursor.NewIn(listing).Select(b => (b.Path, b.ETag)));
                cursor = cursor.After(listing);
            }

            Assert.Equal(steps.Length, told.Count);
            Assert.Equal(told.Count, told.Distinct().Count());
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void File_WrittenAndRead_GivesTheSameCursor()
    {
        using var folder = new TemporaryFolder();
        var file = new BridgeCursorFile(folder.PathOf("cursor.json"));
        Assert.Empty(file.Read().Told);

        file.Write(new BridgeCursor().After([Blob("a/1/model.onnx", "7", 1)]));

        Assert.Equal("7", file.Read().Told["a/1/model.onnx"]);
    }

    [Fact]
    public void File_IsDamaged_StartsAnew()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.PathOf("cursor.json"), "{ half");

        Assert.Empty(new BridgeCursorFile(folder.PathOf("cursor.json")).Read().Told);
    }

    private static UploadedBlob Blob(string path, string etag, int minute) => new()
    {
        Path = path,
        ETag = etag,
        SizeBytes = 10,
        LastModified = DateTimeOffset.UnixEpoch.AddMinutes(minute),
    };
}
