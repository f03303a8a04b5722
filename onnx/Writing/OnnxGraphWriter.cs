using Pipeline.Onnx.Wire;

namespace Pipeline.Onnx.Writing;

/// <summary>
/// A graph to be written: a model's own, or one inside a node. Methods return the writer, so that calls chain.
/// </summary>
public sealed class OnnxGraphWriter(string name)
{
    private readonly List<WireMessage> nodes = [];
    private readonly List<WireMessage> initializers = [];
    private readonly List<WireMessage> inputs = [];
    private readonly List<WireMessage> outputs = [];

    public OnnxGraphWriter Input(string name, OnnxElementType type, params ReadOnlySpan<OnnxDimension> dimensions)
    {
        inputs.Add(Value(name, type, dimensions));
        return this;
    }

    public OnnxGraphWriter Output(string name, OnnxElementType type, params ReadOnlySpan<OnnxDimension> dimensions)
    {
        outputs.Add(Value(name, type, dimensions));
        return this;
    }

    public OnnxGraphWriter Initializer(OnnxTensor tensor)
    {
        initializers.Add(tensor.Message);
        return this;
    }

    /// <summary>A node of ONNX's own operators.</summary>
    public OnnxGraphWriter Node(
        string opType, string[] inputs, string[] outputs, params ReadOnlySpan<OnnxAttribute> attributes) =>
        Node("", opType, inputs, outputs, attributes);

    /// <summary>A node of an operator of any domain; the operator need not exist.</summary>
    public OnnxGraphWriter Node(
        string domain, string opType, string[] inputs, string[] outputs, ReadOnlySpan<OnnxAttribute> attributes)
    {
        nodes.Add(NodeMessage(domain, opType, inputs, outputs, attributes));
        return this;
    }

    internal static WireMessage NodeMessage(
        string domain, string opType, string[] inputs, string[] outputs, ReadOnlySpan<OnnxAttribute> attributes)
    {
        var node = new WireMessage();
        foreach (string input in inputs) node.Text(NodeFields.Input, input);
        foreach (string output in outputs) node.Text(NodeFields.Output, output);
        node.Text(NodeFields.OpType, opType);
        foreach (OnnxAttribute attribute in attributes) node.Message(NodeFields.Attribute, attribute.Message);
        if (domain.Length > 0) node.Text(NodeFields.Domain, domain);
        return node;
    }

    internal WireMessage Build()
    {
        var graph = new WireMessage();
        foreach (WireMessage node in nodes) graph.Message(GraphFields.Node, node);
        graph.Text(GraphFields.Name, name);
        foreach (WireMessage initializer in initializers) graph.Message(GraphFields.Initializer, initializer);
        foreach (WireMessage input in inputs) graph.Message(GraphFields.Input, input);
        foreach (WireMessage output in outputs) graph.Message(GraphFields.Output, output);
        return graph;
    }

    private static WireMessage Value(string name, OnnxElementType type, ReadOnlySpan<OnnxDimension> dimensions)
    {
        var shape = new WireMessage();
        foreach (OnnxDimension dimension in dimensions)
        {
            var message = new WireMessage();
            if (dimension.Size is { } size) message.Int(DimensionFields.Value, size);
            else if (dimension.Symbol is { } symbol) message.Text(DimensionFields.Symbol, symbol);
            shape.Message(ShapeFields.Dimension, message);
        }

        var tensor = new WireMessage();
        tensor.Int(TensorTypeFields.ElementType, (int)type);
        tensor.Message(TensorTypeFields.Shape, shape);
        var typeMessage = new WireMessage();
        typeMessage.Message(TypeFields.Tensor, tensor);
        var value = new WireMessage();
        value.Text(ValueFields.Name, name);
        value.Message(ValueFields.Type, typeMessage);
        return value;
    }
}
