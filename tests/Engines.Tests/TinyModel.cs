using System.Text;

namespace Pipeline.Engines.Tests;

/// <summary>Writes small ONNX models field by field, so that these tests need nothing that they do not test.</summary>
internal sealed class TinyModel
{
    private readonly List<byte> graph = [];

    public TinyModel Node(string operation, string[] inputs, string[] outputs, params byte[][] attributes)
    {
        var node = new List<byte>();
        foreach (string input in inputs) Text(node, 1, input);
        foreach (string output in outputs) Text(node, 2, output);
        Text(node, 4, operation);
        foreach (byte[] attribute in attributes) Bytes(node, 5, attribute);
        Bytes(graph, 1, node.ToArray());
        return this;
    }

    /// <param name="shape">Numbers are fixed dimensions, texts are symbolic ones.</param>
    public TinyModel Input(string name, int type, params object[] shape) => Value(11, name, TensorType(type, shape));

    public TinyModel Output(string name, int type, params object[] shape) => Value(12, name, TensorType(type, shape));

    /// <summary>An output that is a sequence of tensors.</summary>
    public TinyModel SequenceOutput(string name, int type)
    {
        var sequence = new List<byte>();
        Bytes(sequence, 1, TensorType(type, []));
        var wrapped = new List<byte>();
        Bytes(wrapped, 4, sequence.ToArray());
        return Value(12, name, wrapped.ToArray());
    }

    /// <summary>An initializer whose values are in a file beside the model.</summary>
    public TinyModel ExternalInitializer(string name, long[] shape, string file)
    {
        var tensor = new List<byte>();
        foreach (long dimension in shape) Number(tensor, 1, dimension);
        Number(tensor, 2, (long)ElementType.Float32);
        Text(tensor, 8, name);
        var location = new List<byte>();
        Text(location, 1, "location");
        Text(location, 2, file);
        Bytes(tensor, 13, location.ToArray());
        Number(tensor, 14, 1);
        Bytes(graph, 5, tensor.ToArray());
        return this;
    }

    /// <summary>A graph attribute for <see cref="Node"/>: the body of a loop.</summary>
    public static byte[] Body(string name, TinyModel body)
    {
        Text(body.graph, 2, name);
        var attribute = new List<byte>();
        Text(attribute, 1, name);
        Bytes(attribute, 6, body.graph.ToArray());
        Number(attribute, 20, 5);
        return attribute.ToArray();
    }

    public byte[] ToBytes()
    {
        Text(graph, 2, "tiny");
        var opset = new List<byte>();
        Number(opset, 2, 17);
        var model = new List<byte>();
        Number(model, 1, 8);
        Bytes(model, 7, graph.ToArray());
        Bytes(model, 8, opset.ToArray());
        return model.ToArray();
    }

    private static byte[] TensorType(int type, object[] shape)
    {
        var dimensions = new List<byte>();
        foreach (object size in shape)
        {
            var dimension = new List<byte>();
            if (size is string symbol) Text(dimension, 2, symbol);
            else Number(dimension, 1, Convert.ToInt64(size, null));
            Bytes(dimensions, 1, dimension.ToArray());
        }

        var tensor = new List<byte>();
        Number(tensor, 1, type);
        Bytes(tensor, 2, dimensions.ToArray());
        var wrapped = new List<byte>();
        Bytes(wrapped, 1, tensor.ToArray());
        return wrapped.ToArray();
    }

    private TinyModel Value(int field, string name, byte[] type)
    {
        var value = new List<byte>();
        Text(value, 1, name);
        Bytes(value, 2, type);
        Bytes(graph, field, value.ToArray());
        return this;
    }

    private static void Text(List<byte> to, int field, string text) => Bytes(to, field, Encoding.UTF8.GetBytes(text));

    private static void Bytes(List<byte> to, int field, byte[] bytes)
    {
        Varint(to, (field << 3) | 2);
        Varint(to, bytes.Length);
        to.AddRange(bytes);
    }

    private static void Number(List<byte> to, int field, long value)
    {
        Varint(to, field << 3);
        Varint(to, value);
    }

    private static void Varint(List<byte> to, long value)
    {
        for (ulong rest = (ulong)value; ; rest >>= 7)
        {
            to.Add((byte)(rest < 0x80 ? rest : rest | 0x80));
            if (rest < 0x80) return;
        }
    }
}
