using Pipeline.Onnx.Wire;

namespace Pipeline.Onnx.Writing;

#pragma warning disable CA1720 // The names are ONNX's own.

/// <summary>An attribute of a node to be written.</summary>
public sealed class OnnxAttribute
{
    private OnnxAttribute(string name, int type, Action<WireMessage> write)
    {
        Message = new WireMessage();
        Message.Text(AttributeFields.Name, name);
        write(Message);
        Message.Int(AttributeFields.Type, type);
    }

    internal WireMessage Message { get; }

    public static OnnxAttribute Float(string name, float value) =>
        new(name, 1, m => m.Float(AttributeFields.Float, value));

    public static OnnxAttribute Int(string name, long value) =>
        new(name, 2, m => m.Int(AttributeFields.Int, value));

    public static OnnxAttribute Text(string name, string value) =>
        new(name, 3, m => m.Text(AttributeFields.String, value));

    public static OnnxAttribute Tensor(string name, OnnxTensor value) =>
        new(name, 4, m => m.Message(AttributeFields.Tensor, value.Message));

    public static OnnxAttribute Graph(string name, OnnxGraphWriter value) =>
        new(name, 5, m => m.Message(AttributeFields.Graph, value.Build()));

    public static OnnxAttribute Floats(string name, params float[] values) =>
        new(name, 6, m => Array.ForEach(values, value => m.Float(AttributeFields.Floats, value)));

    public static OnnxAttribute Ints(string name, params long[] values) =>
        new(name, 7, m => Array.ForEach(values, value => m.Int(AttributeFields.Ints, value)));
}
