using Pipeline.Onnx.Inspection;
using Pipeline.Onnx.Wire;
using Pipeline.Onnx.Writing;

namespace Pipeline.Onnx.Tests.Inspection;

public sealed class ExternalDataTests
{
    [Theory]
    [InlineData("weights.data")]
    [InlineData("model.onnx.data")]
    [InlineData("shards/part-00001.bin")]
    [InlineData("ümlaut 1.data")]
    [InlineData("a~b")]
    [InlineData(".hidden")]
    [InlineData("..data")]
    public void Location_InsideTheFolder_IsSafe(string location) => Assert.Null(ExternalDataLocation.Refuse(location));

    [Theory]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    [InlineData("//server/share")]
    [InlineData("../secret")]
    [InlineData("a/../../secret")]
    [InlineData("a/..")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("./a")]
    [InlineData("a/./b")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData(".. /secret")]
    [InlineData("... /secret")]
    [InlineData("a.")]
    [InlineData("..\\secret")]
    [InlineData("a\\b")]
    [InlineData("C:/windows/win.ini")]
    [InlineData("c:secret")]
    [InlineData("file:///etc/passwd")]
    [InlineData("weights.data:stream")]
    [InlineData("~/.ssh/id_rsa")]
    [InlineData("~root/x")]
    [InlineData("*/_ORT_MEM_ADDR_/*")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    [InlineData("a\u0085b")]
    [InlineData("a\u007fb")]
    public async Task Location_ThatCouldLeaveTheFolder_IsRefused(string location)
    {
        Assert.NotNull(ExternalDataLocation.Refuse(location));
        byte[] bytes = OnnxExample.WithInitializer(
            OnnxTensor.External("w2", OnnxElementType.Float, [4], location, 0, 16));
        Assert.Equal(OnnxFaultKind.UnsafeExternalData, (await OnnxExample.InspectAsync(bytes)).Fault?.Kind);
    }

    [Theory]
    [InlineData(1024, true)]
    [InlineData(1025, false)]
    public void Location_Long_IsRefusedBeyond1024Bytes(int length, bool safe) =>
        Assert.Equal(safe, ExternalDataLocation.Refuse(new string('a', length)) is null);

    [Fact]
    public async Task Entries_Sound_AreListedWithTheirBytes()
    {
        OnnxGraphWriter graph = OnnxExample.LinearGraph()
            .Initializer(OnnxTensor.External("w1", OnnxElementType.Float, [3, 4], "w.data", 4096, 48))
            .Initializer(OnnxTensor.External("w2", OnnxElementType.Int4, [3], "w.data", null, null))
            .Initializer(OnnxTensor.External("w3", OnnxElementType.String, [3], "w.data", 1L << 40, null));

        OnnxModelInfo model = (await OnnxExample.InspectAsync(new OnnxModelWriter(graph).ToArray())).Model!;

        Assert.Equal(
            [
                new OnnxExternalData { TensorName = "w1", Location = "w.data", Offset = 4096, Length = 48 },
                new() { TensorName = "w2", Location = "w.data", Offset = 0, Length = 2 },
                new() { TensorName = "w3", Location = "w.data", Offset = 1L << 40, Length = null },
            ],
            model.ExternalData.AsEnumerable());
        Assert.Equal((50L, 5), (model.ExternalBytes, model.InitializerCount));
    }

    [Fact]
    public async Task Entries_OfASparseTensor_AreListedForValuesAndIndices()
    {
        var sparse = new WireMessage();
        var values = OnnxTensor.External("v", OnnxElementType.Float, [2], "v.data", 0, 8);
        var indices = OnnxTensor.External("i", OnnxElementType.Int64, [2], "i.data", 0, 16);
        sparse.Message(SparseTensorFields.Values, values.Message);
        sparse.Message(SparseTensorFields.Indices, indices.Message);
        byte[] bytes = OnnxExample.WithGraph(graph => graph.Message(GraphFields.SparseInitializer, sparse));

        OnnxModelInfo model = (await OnnxExample.InspectAsync(bytes)).Model!;

        Assert.Equal(["i.data", "v.data"], model.ExternalData.Select(data => data.Location).Order());
        Assert.Equal((24L, 1), (model.ExternalBytes, model.InitializerCount));
    }

    public static TheoryData<string> Hideouts =>
        ["constant", "subgraph", "sparse values", "sparse indices", "training", "function"];

    [Theory]
    [MemberData(nameof(Hideouts))]
    public async Task Location_HiddenAnywhere_IsFound(string hideout)
    {
        OnnxTensor tensor = OnnxTensor.External("w2", OnnxElementType.Float, [4], "../secret", null, null);
        var graph = new OnnxGraphWriter("g").Initializer(tensor);
        byte[] bytes = OnnxExample.Model(model =>
        {
            var holder = new WireMessage();
            switch (hideout)
            {
                case "constant":
                    graph = new OnnxGraphWriter("g").Node("Constant", [], ["c"], OnnxAttribute.Tensor("value", tensor));
                    model.Message(ModelFields.Graph, graph.Build());
                    break;
                case "subgraph":
                    graph = new OnnxGraphWriter("g").Node("If", ["c"], ["y"], OnnxAttribute.Graph("then", graph));
                    model.Message(ModelFields.Graph, graph.Build());
                    break;
                case "sparse values" or "sparse indices":
                    var sparse = new WireMessage();
                    int field = hideout == "sparse values" ? SparseTensorFields.Values : SparseTensorFields.Indices;
                    sparse.Message(field, tensor.Message);
                    holder.Message(GraphFields.SparseInitializer, sparse);
                    model.Message(ModelFields.Graph, holder);
                    break;
                case "training":
                    holder.Message(TrainingFields.Algorithm, graph.Build());
                    model.Message(ModelFields.TrainingInfo, holder);
                    break;
                case "function":
                    holder.Message(FunctionFields.DefaultAttribute, OnnxAttribute.Tensor("value", tensor).Message);
                    model.Message(ModelFields.Functions, holder);
                    break;
            }
        });

        Assert.Equal(OnnxFaultKind.UnsafeExternalData, (await OnnxExample.InspectAsync(bytes)).Fault?.Kind);
    }

    [Theory]
    [InlineData("length", "-1")]
    [InlineData("length", "9223372036854775808")]
    [InlineData("offset", "0x10")]
    [InlineData("offset", " 1")]
    [InlineData("offset", "")]
    public async Task Numbers_ThatAreNone_AreMalformed(string key, string value)
    {
        byte[] bytes = WithEntries(("location", "w.data"), (key, value));

        Assert.Equal(OnnxFaultKind.Malformed, (await OnnxExample.InspectAsync(bytes)).Fault?.Kind);
    }

    [Fact]
    public async Task OffsetAndLength_ThatOverflowTogether_AreMalformed()
    {
        byte[] bytes = WithEntries(("location", "w"), ("offset", "1"), ("length", "9223372036854775807"));

        Assert.Equal(OnnxFaultKind.Malformed, (await OnnxExample.InspectAsync(bytes)).Fault?.Kind);
    }

    [Fact]
    public async Task Entry_WithoutLocation_IsRefused() => Assert.Equal(
        OnnxFaultKind.UnsafeExternalData, (await OnnxExample.InspectAsync(WithEntries(("offset", "1")))).Fault?.Kind);

    [Fact]
    public async Task Location_ReplacedByASafeOne_IsRefusedAllTheSame() => Assert.Equal(
        OnnxFaultKind.UnsafeExternalData,
        (await OnnxExample.InspectAsync(WithEntries(("location", "../x"), ("location", "w")))).Fault?.Kind);

    private static byte[] WithEntries(params (string Key, string Value)[] entries) => OnnxExample.WithGraph(graph =>
    {
        var tensor = new WireMessage();
        foreach ((string key, string value) in entries)
        {
            var entry = new WireMessage();
            entry.Text(EntryFields.Key, key);
            entry.Text(EntryFields.Value, value);
            tensor.Message(TensorFields.ExternalData, entry);
        }

        tensor.Int(TensorFields.DataLocation, TensorFields.External);
        graph.Message(GraphFields.Initializer, tensor);
    });
}
