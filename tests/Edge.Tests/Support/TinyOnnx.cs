using System.Runtime.InteropServices;
using System.Text;
using Pipeline.Engines;

namespace Pipeline.Edge.Tests.Support;

/// <summary>Writes ONNX models of one node: enough to tell versions apart and to fail on purpose.</summary>
internal static class TinyOnnx
{
    /// <summary>y = x + constant over FP32 [n, 4]: the answer tells which version gave it.</summary>
    public static byte[] Add(float constant) => Model(
        Node("Add", ["x", "c"], ["y"]), [Input("x", ElementType.Float32, -1, 4)], Output(
            "y", ElementType.Float32, -1, 4),
        Initializer("c", ElementType.Float32, [1], MemoryMarshal.AsBytes<float>([constant])));

    /// <summary>y = x + constant over FP32 [n, w]: of any width.</summary>
    public static byte[] AddWide(float constant) => Model(
        Node("Add", ["x", "c"], ["y"]), [Input("x", ElementType.Float32, -1, -1)], Output("y", ElementType.Float32, -1, -1),
        Initializer("c", ElementType.Float32, [1], MemoryMarshal.AsBytes<float>([constant])));

    /// <summary>y = softmax of x down its rows, over FP32 [n, 4]: what one row gives depends on the others.</summary>
    public static byte[] SoftmaxOfRows() => Model(
        [.. Node("Softmax", ["x"], ["y"]), .. Field(5, [.. Field(1, "axis"), .. Number(3, 0), .. Number(20, 2)])],
        [Input("x", ElementType.Float32, -1, 4)], Output("y", ElementType.Float32, -1, 4));

    /// <summary>y = x over FP32 [2, 4].</summary>
    public static byte[] Fixed() => Model(
        Node("Identity", ["x"], ["y"]), [Input("x", ElementType.Float32, 2, 4)], Output("y", ElementType.Float32, 2, 4));

    /// <summary>y = x over [n] of any type.</summary>
    public static byte[] Identity(ElementType type) =>
        Model(Node("Identity", ["x"], ["y"]), [Input("x", type, -1)], Output("y", type, -1));

    /// <summary>y = x over FP32 [].</summary>
    public static byte[] Scalar() =>
        Model(Node("Identity", ["x"], ["y"]), [Input("x", ElementType.Float32)], Output("y", ElementType.Float32));

    /// <summary>y = a / b over FP32 [n]: 0 by 0 is not a number.</summary>
    public static byte[] Divide() => Model(
        Node("Div", ["a", "b"], ["y"]), [Input("a", ElementType.Float32, -1), Input("b", ElementType.Float32, -1)],
        Output("y", ElementType.Float32, -1));

    /// <summary>y = x as a matrix of three columns, over FP32 [n]: where n is no multiple of three the kernel itself fails.</summary>
    public static byte[] Triples() => Model(
        Node("Reshape", ["x", "shape"], ["y"]), [Input("x", ElementType.Float32, -1)], Output("y", ElementType.Float32, -1, 3),
        Initializer("shape", ElementType.Int64, [2], MemoryMarshal.AsBytes<long>([-1, 3])));

    /// <summary>y = table[x] over a table of two rows: another index fails while running.</summary>
    public static byte[] Lookup() => Model(
        Node("Gather", ["table", "x"], ["y"]), [Input("x", ElementType.Int64, -1)], Output(
            "y", ElementType.Float32, -1),
        Initializer("table", ElementType.Float32, [2], MemoryMarshal.AsBytes<float>([10f, 20f])));

    private static byte[] Model(byte[] node, byte[][] inputs, byte[] output, params byte[][] initializers)
    {
        byte[] graph =
        [
            .. Field(1, node), .. Field(2, "g"), .. initializers.SelectMany(i => Field(5, i)),
            .. inputs.SelectMany(i => Field(11, i)), .. Field(12, output),
        ];
        return [.. Number(1, 8), .. Field(7, graph), .. Field(8, [.. Field(1, ""), .. Number(2, 17)])];
    }

    private static byte[] Node(string operation, string[] inputs, string[] outputs) =>
    [
        .. inputs.SelectMany(i => Field(1, i)), .. outputs.SelectMany(o => Field(2, o)), .. Field(3, "n"), .. Field(
            4, operation),
    ];

    private static byte[] Input(string name, ElementType type, params long[] shape) =>
        [.. Field(1, name), .. Field(2, Field(1, [.. Number(1, (int)type), .. Field(2, Shape(shape))]))];

    private static byte[] Output(string name, ElementType type, params long[] shape) => Input(name, type, shape);

    private static byte[] Shape(long[] shape) =>
        [.. shape.SelectMany(d => Field(1, d < 0 ? Field(2, "n") : Number(1, d)))];

    private static byte[] Initializer(string name, ElementType type, long[] shape, ReadOnlySpan<byte> data) =>
        [.. shape.SelectMany(d => Number(1, d)), .. Number(2, (int)type), .. Field(8, name), .. Field(
            9, data.ToArray())];

    private static byte[] Field(int number, string text) => Field(number, Encoding.UTF8.GetBytes(text));

    private static byte[] Field(int number, byte[] bytes) =>
        [.. Varint((number << 3) | 2), .. Varint(bytes.Length), .. bytes];

    private static byte[] Number(int number, long value) => [.. Varint(number << 3), .. Varint(value)];

    private static IEnumerable<byte> Varint(long value)
    {
        for (; value >= 0x80; value >>= 7) yield return (byte)(value | 0x80);
        yield return (byte)value;
    }
}
