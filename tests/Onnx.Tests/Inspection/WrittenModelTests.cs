using Pipeline.Onnx.Inspection;
using Pipeline.Onnx.Wire;
using Pipeline.Onnx.Writing;

namespace Pipeline.Onnx.Tests.Inspection;

public sealed class WrittenModelTests
{
    [Fact]
    public async Task Linear_Inspected_TellsWhatWasWritten()
    {
        OnnxModelInfo model = await InspectAsync(OnnxExample.Linear());

        Assert.Equal((8L, "pipeline", ""), (model.IrVersion, model.ProducerName, model.ProducerVersion));
        Assert.Equal([new OnnxOpset("", 17)], model.Opsets.AsEnumerable());
        Assert.Equal([new OnnxOperatorCount("", "Add", 1), new("", "MatMul", 1)], model.Operators.AsEnumerable());
        Assert.Equal((2, 100L, 0), (model.InitializerCount, model.InitializerBytes, model.ConstantCount));
        Assert.Equal(["batch", 4], model.Inputs.Single().Dimensions!.Value.AsEnumerable());
        Assert.Equal(["batch", 5], model.Outputs.Single().Dimensions!.Value.AsEnumerable());
    }

    [Fact]
    public async Task Inputs_ThatAnInitializerGives_AreLeftOut()
    {
        OnnxGraphWriter graph = OnnxExample.LinearGraph().Input("w", OnnxElementType.Float, 4, 5);

        OnnxModelInfo model = await InspectAsync(new OnnxModelWriter(graph).ToArray());

        Assert.Equal("x", Assert.Single(model.Inputs).Name);
    }

    [Fact]
    public async Task Dimensions_OfAllKinds_AreToldApart()
    {
        OnnxGraphWriter graph = OnnxExample.LinearGraph()
            .Input("all", OnnxElementType.Int64, 0, "n", OnnxDimension.Unknown, -1)
            .Input("scalar", OnnxElementType.Bool);

        OnnxModelInfo model = await InspectAsync(new OnnxModelWriter(graph).ToArray());

        Assert.Equal(
            [0, "n", OnnxDimension.Unknown, OnnxDimension.Unknown], model.Inputs[1].Dimensions!.Value.AsEnumerable());
        Assert.Empty(model.Inputs[2].Dimensions!.Value);
    }

    [Fact]
    public async Task Values_WithoutShapeOrNoTensor_SaySo()
    {
        byte[] bytes = OnnxExample.WithGraph(graph =>
        {
            graph.Message(GraphFields.Input, Value("rankless", TypeFields.Tensor));
            graph.Message(GraphFields.Input, Value("list", TypeFields.Sequence));
            graph.Message(GraphFields.Input, Value("map", TypeFields.Map));
            graph.Message(GraphFields.Input, Value("maybe", TypeFields.Optional));
        });

        OnnxModelInfo model = await InspectAsync(bytes);

        Assert.All(model.Inputs, input => Assert.Null(input.Dimensions));
        Assert.Equal(
            [OnnxValueKind.Tensor, OnnxValueKind.Sequence, OnnxValueKind.Map, OnnxValueKind.Optional],
            model.Inputs.Select(input => input.Kind));
    }

    [Fact]
    public async Task Subgraphs_Nested_CountTheirNodesAndDepth()
    {
        OnnxModelInfo model = await InspectAsync(OnnxExample.Nested(3));

        Assert.Equal(3, model.SubgraphDepth);
        Assert.Equal([new OnnxOperatorCount("", "If", 3), new("", "Relu", 1)], model.Operators.AsEnumerable());
        Assert.Equal(4, model.NodeCount);
    }

    [Fact]
    public async Task Functions_Local_CountTheirNodesAndAreNamed()
    {
        OnnxGraphWriter graph = OnnxExample.LinearGraph().Node("my.own", "Twice", ["y"], ["z"], []);
        byte[] bytes = new OnnxModelWriter(graph)
            .Opset("ai.onnx", 17).Opset("my.own", 1)
            .Function("my.own", "Twice", ["a"], ["b"], "Neg").ToArray();

        OnnxModelInfo model = await InspectAsync(bytes);

        Assert.Equal([new OnnxOpset("", 17), new("my.own", 1)], model.Opsets.AsEnumerable());
        Assert.Equal([new OnnxFunctionName("my.own", "Twice")], model.Functions.AsEnumerable());
        Assert.Contains(new OnnxOperatorCount("", "Neg", 1), model.Operators);
        Assert.Contains(new OnnxOperatorCount("my.own", "Twice", 1), model.Operators);
    }

    [Fact]
    public async Task Operators_UnderBothNamesOfTheDefaultDomain_AreCountedTogether()
    {
        OnnxGraphWriter graph = OnnxExample.LinearGraph().Node("ai.onnx", "Add", ["y", "y"], ["z"], []);

        OnnxModelInfo model = await InspectAsync(new OnnxModelWriter(graph).ToArray());

        Assert.Contains(new OnnxOperatorCount("", "Add", 2), model.Operators);
    }

    [Fact]
    public async Task Fields_FromALaterOnnx_AreSkipped()
    {
        byte[] bytes = OnnxExample.Model(model =>
        {
            model.Text(99, "new");
            model.Int(100, -1);
            model.Float(101, 1);
            var graph = new WireMessage();
            graph.Bytes(77, new byte[300_000]);
            model.Message(ModelFields.Graph, graph);
        });

        Assert.Equal(0, (await InspectAsync(bytes)).NodeCount);
    }

    [Fact]
    public async Task ProducerText_OfAnyLanguage_IsKept()
    {
        const string name = "Werkstatt für Köpfe 识别";
        byte[] bytes = new OnnxModelWriter(OnnxExample.LinearGraph()) { ProducerName = name }.ToArray();

        Assert.Equal(name, (await InspectAsync(bytes)).ProducerName);
    }

    private static WireMessage Value(string name, int kind)
    {
        var type = new WireMessage();
        type.Message(kind, new WireMessage());
        var value = new WireMessage();
        value.Text(ValueFields.Name, name);
        value.Message(ValueFields.Type, type);
        return value;
    }

    private static async Task<OnnxModelInfo> InspectAsync(byte[] bytes)
    {
        OnnxInspection inspection = await OnnxExample.InspectAsync(bytes);
        Assert.Null(inspection.Fault);
        return inspection.Model!;
    }
}
