using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Pipeline.Cloud.Blobs;
using Pipeline.Cloud.Uploads;
using Pipeline.Core.Builds;
using Pipeline.Core.Naming;
using Pipeline.Testing;

namespace Pipeline.Cloud.Tests.Uploads;

public sealed class UploadStoreTests(CloudFixture cloud) : IDisposable
{
    private readonly UploadStore store = new(cloud.Clients);
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Version_WithFiles_IsListedWithoutItsNeighbours()
    {
        var id = new ModelVersion(cloud.NewName("model"), "1");
        await UploadAsync(UploadPath.Model(id), "model");
        await UploadAsync(UploadPath.Folder(id) + "golden/a.npz", "golden");
        await UploadAsync(UploadPath.Model(id with { Version = "10" }), "other");
        await UploadAsync(UploadPath.Policy(id.Model), "policy");

        ImmutableArray<UploadedFile> files = await store.ListAsync(id, Cancel);

        Assert.Equal([$"{id}/golden/a.npz", $"{id}/model.onnx"], files.Select(f => f.Path));
        UploadedFile? found = await store.FindAsync(UploadPath.Model(id), Cancel);
        Assert.Equal(files[1], found);
        Assert.Equal(5, found?.SizeBytes);
        Assert.DoesNotContain('"', found!.ETag);
        Assert.Null(await store.FindAsync(UploadPath.Policy(id), Cancel));
    }

    [Fact]
    public async Task Models_AcrossTheContainer_AreFoundUnderValidNamesOnly()
    {
        var id = new ModelVersion(cloud.NewName("model"), "1.2_a");
        await UploadAsync(UploadPath.Model(id), "model");
        await UploadAsync(UploadPath.Policy(id), "policy");
        await UploadAsync($"{id}/golden/model.onnx", "not a model");
        await UploadAsync($"Not_A_Model/{id.Version}/model.onnx", "not a model");

        List<(ModelVersion Id, UploadedFile Model)> models = await store.ListModelsAsync(Cancel).ToListAsync(Cancel);

        Assert.Equal(UploadPath.Model(id), Assert.Single(models, m => m.Id == id).Model.Path);
        Assert.DoesNotContain(models, m => m.Model.Path.StartsWith("Not", StringComparison.Ordinal));
    }

    [Fact]
    public async Task File_UnderItsETag_IsFrozenReadAndDownloaded()
    {
        string path = UploadPath.Model(new ModelVersion(cloud.NewName("model"), "1"));
        UploadedFile file = await UploadAsync(path, "the bytes");

        SourceFile frozen = await store.FreezeAsync(file, Cancel);
        await store.DownloadAsync(frozen, folder.PathOf("model.onnx"), Cancel);

        Assert.Equal(Samples.Digest("the bytes"), frozen.Sha256);
        Assert.Equal("the bytes", await File.ReadAllTextAsync(folder.PathOf("model.onnx"), Cancel));
        Assert.Equal("the bytes"u8.ToArray(), await store.ReadAsync(file, 9, Cancel));
        Assert.Null(await store.ReadAsync(file, 8, Cancel));
        Assert.Single(Directory.GetFiles(folder.Root));
    }

    [Fact]
    public async Task File_OfManyMegabytes_IsUploadedAndFrozenWhole()
    {
        string path = UploadPath.Model(new ModelVersion(cloud.NewName("model"), "1"));
        byte[] bytes = new byte[9 * 1024 * 1024 + 1];
        new Random(1).NextBytes(bytes);
        using var content = new MemoryStream(bytes);

        UploadedFile? file = await store.UploadAsync(path, content, overwrite: false, Cancel);

        SourceFile frozen = await store.FreezeAsync(file!, Cancel);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), frozen.Sha256);
    }

    [Fact]
    public async Task File_OverwrittenAfterItWasFrozen_IsNotReadAnyMore()
    {
        string path = UploadPath.Model(new ModelVersion(cloud.NewName("model"), "1"));
        UploadedFile file = await UploadAsync(path, "first");
        SourceFile frozen = await store.FreezeAsync(file, Cancel);
        await UploadAsync(path, "other");

        var error = await Assert.ThrowsAsync<OverwrittenException>(
            () => store.DownloadAsync(frozen, folder.PathOf("model.onnx"), Cancel));
        await Assert.ThrowsAsync<OverwrittenException>(() => store.FreezeAsync(file, Cancel));
        await Assert.ThrowsAsync<OverwrittenException>(() => store.ReadAsync(file, 100, Cancel));

        Assert.Equal(path, error.Path);
        Assert.Empty(Directory.GetFiles(folder.Root));
    }

    [Fact]
    public async Task SameBytes_WrittenAgain_AreStillDownloaded()
    {
        string path = UploadPath.Model(new ModelVersion(cloud.NewName("model"), "1"));
        SourceFile frozen = await store.FreezeAsync(await UploadAsync(path, "first"), Cancel);
        Assert.NotEqual(frozen.ETag, (await UploadAsync(path, "first")).ETag);

        await store.DownloadAsync(frozen, folder.PathOf("model.onnx"), Cancel);

        Assert.Equal("first", await File.ReadAllTextAsync(folder.PathOf("model.onnx"), Cancel));
    }

    [Fact]
    public async Task File_DeletedAfterItWasFrozen_CountsAsOverwritten()
    {
        string path = UploadPath.Model(new ModelVersion(cloud.NewName("model"), "1"));
        UploadedFile file = await UploadAsync(path, "first");
        await cloud.Clients.Container(EntityNames.ModelsContainer).DeleteBlobAsync(path, cancellationToken: Cancel);

        await Assert.ThrowsAsync<OverwrittenException>(() => store.OpenReadAsync(path, file.ETag, Cancel));
    }

    [Fact]
    public async Task Download_OfBytesWithAnotherDigest_LeavesNoFile()
    {
        string path = UploadPath.Model(new ModelVersion(cloud.NewName("model"), "1"));
        SourceFile frozen = await store.FreezeAsync(await UploadAsync(path, "first"), Cancel);

        foreach (SourceFile wrong in new[]
        {
            frozen with { Sha256 = Samples.Digest("other") },
            frozen with { SizeBytes = 4 },
            frozen with { SizeBytes = 6 },
        })
        {
            await Assert.ThrowsAsync<OverwrittenException>(
                () => store.DownloadAsync(wrong, folder.PathOf("model.onnx"), Cancel));
        }

        Assert.Empty(Directory.GetFiles(folder.Root));
    }

    [Fact]
    public async Task Upload_OverAFileThatMayNotBeOverwritten_IsRefused()
    {
        string path = UploadPath.Model(new ModelVersion(cloud.NewName("model"), "1"));
        UploadedFile first = await UploadAsync(path, "first");
        using var content = new MemoryStream("other"u8.ToArray());

        Assert.Null(await store.UploadAsync(path, content, overwrite: false, Cancel));

        Assert.Equal(first, await store.FindAsync(path, Cancel));
    }

    [Fact]
    public async Task Upload_UnderATrace_CarriesItInTheListing()
    {
        var id = new ModelVersion(cloud.NewName("model"), "1");
        using var activity = new Activity("upload");
        activity.SetIdFormat(ActivityIdFormat.W3C).Start();

        UploadedFile file = await UploadAsync(UploadPath.Model(id), "first");

        Assert.Equal(activity.Id, file.TraceParent);
        Assert.Equal(activity.Id, Assert.Single(await store.ListAsync(id, Cancel)).TraceParent);
    }

    [Theory]
    [InlineData("ocr/1/model.onnx", true)]
    [InlineData("ocr/1/golden/a/b.npz", true)]
    [InlineData("ocr/promotion.json", false)]
    [InlineData("ocr/1/", false)]
    [InlineData("Ocr/1/model.onnx", false)]
    [InlineData("ocr/../model.onnx", false)]
    [InlineData("", false)]
    public void Path_InsideAVersion_IsSplit(string path, bool valid)
    {
        Assert.Equal(valid, UploadPath.TryParse(path, out ModelVersion id, out string file));
        if (valid) Assert.Equal(path, UploadPath.Folder(id) + file);
    }

    private async Task<UploadedFile> UploadAsync(string path, string text)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(text));
        UploadedFile? file = await store.UploadAsync(path, content, overwrite: true, Cancel);
        Assert.NotNull(file);
        return file;
    }
}
