using System.Collections.Immutable;
using Pipeline.Cloud;
using Pipeline.Cloud.Connections;
using Pipeline.Cloud.Uploads;
using Pipeline.Core.Naming;
using Pipeline.Local.Uploading;
using Pipeline.Onnx;
using Pipeline.Onnx.Writing;
using Pipeline.Testing;

namespace Pipeline.Local.Tests.Uploading;

public sealed class UploaderTests(AzuriteFixture azurite) : IClassFixture<AzuriteFixture>, IAsyncLifetime
{
    private static readonly Lane Lane = Lane.Parse("cpu-x64-avx2/ort-1.29.0-cpu");

    private readonly TemporaryFolder folder = new();
    private readonly CloudClients clients = new(new CloudOptions { Storage = azurite.ConnectionString });
    private readonly ModelVersion id = new($"m{Guid.NewGuid():n}", "1");

    private UploadStore Store => new(clients);

    public async ValueTask InitializeAsync() =>
        await clients.Container(EntityNames.ModelsContainer).CreateIfNotExistsAsync();

    [Fact]
    public async Task Upload_ModelWithPolicyAndWeightsBeside_SendsTheModelLast()
    {
        Upload upload = WriteModel(1) with { PolicyPath = WritePolicy() };
        var told = new List<string>();

        UploadResult result = await UploadAsync(upload, told);

        Assert.Equal(UploadResult.Uploaded, result);
        Assert.Equal(["promotion.json", "weights.data", "model.onnx"], told.Distinct());
        ImmutableArray<UploadedFile> files = await Store.ListAsync(id, TestContext.Current.CancellationToken);
        Assert.Equal(
            [$"{id}/model.onnx", $"{id}/promotion.json", $"{id}/weights.data"], files.Select(f => f.Path).Order());
    }

    [Fact]
    public async Task Upload_SameBytesAgain_WritesNothing()
    {
        Upload upload = WriteModel(1);
        await UploadAsync(upload, []);
        var told = new List<string>();

        Assert.Equal(UploadResult.AlreadyThere, await UploadAsync(upload, told));

        Assert.Empty(told);
    }

    [Fact]
    public async Task Upload_OtherBytesUnderTheVersion_WritesNothing()
    {
        await UploadAsync(WriteModel(1), []);
        var told = new List<string>();

        Assert.Equal(UploadResult.OtherBytes, await UploadAsync(WriteModel(2), told));

        Assert.Empty(told);
    }

    [Fact]
    public async Task Check_WeightsAreNotBeside_NamesTheFile()
    {
        Upload upload = WriteModel(1);
        File.Delete(folder.PathOf("weights.data"));

        UploadCheck check = await UploadChecker.CheckAsync(upload, [Lane], TestContext.Current.CancellationToken);

        Assert.Equal(["weights.data: the model keeps weights in this file, which is not beside it."], check.Errors);
    }

    public async ValueTask DisposeAsync()
    {
        await clients.DisposeAsync();
        folder.Dispose();
    }

    private async Task<UploadResult> UploadAsync(Upload upload, List<string> told)
    {
        UploadCheck check = await UploadChecker.CheckAsync(upload, [Lane], TestContext.Current.CancellationToken);
        Assert.Empty(check.Errors);
        return await new Uploader(Store).UploadAsync(
            id, upload, check, (file, _) => told.Add(file), TestContext.Current.CancellationToken);
    }

    /// <summary>A model that adds 64 weights, kept beside it, to its input.</summary>
    private Upload WriteModel(float weight)
    {
        byte[] weights = [.. Enumerable.Repeat(BitConverter.GetBytes(weight), 64).SelectMany(b => b)];
        File.WriteAllBytes(folder.PathOf("weights.data"), weights);
        OnnxGraphWriter graph = new OnnxGraphWriter($"add{weight}")
            .Input("x", OnnxElementType.Float, "n", 64)
            .Output("y", OnnxElementType.Float, "n", 64)
            .Initializer(OnnxTensor.External("w", OnnxElementType.Float, [64], "weights.data", 0, weights.Length))
            .Node("Add", ["x", "w"], ["y"]);
        File.WriteAllBytes(folder.PathOf("model.onnx"), new OnnxModelWriter(graph).Opset("", 17).ToArray());
        return new Upload { ModelPath = folder.PathOf("model.onnx") };
    }

    private string WritePolicy()
    {
        string path = folder.PathOf("promotion.json");
        File.WriteAllText(path, """{ "approval": "none" }""");
        return path;
    }
}
