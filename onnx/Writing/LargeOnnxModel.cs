using System.Runtime.InteropServices;

namespace Pipeline.Onnx.Writing;

/// <summary>A valid model of any size, produced without holding it: a chain of matrix products.</summary>
public static class LargeOnnxModel
{
    private const int Side = 4096;
    private const long MatrixBytes = 4L * Side * Side;

    /// <summary>
    /// A model of <paramref name="bytes"/>, rounded up to whole matrices of 64 MiB; equal seeds give equal bytes.
    /// </summary>
    public static OnnxModelWriter OfSize(long bytes, int seed)
    {
        // A prime number of floats, so that rows differ although one block serves all matrices.
        float[] block = new float[262_139];
        var random = new Random(seed);
        for (int i = 0; i < block.Length; i++) block[i] = (random.NextSingle() - 0.5f) / Side;

        long matrices = (bytes + MatrixBytes - 1) / MatrixBytes;
        var graph = new OnnxGraphWriter("large").Input("x0", OnnxElementType.Float, "batch", Side);
        for (long i = 0; i < matrices; i++)
        {
            graph.Node("MatMul", [$"x{i}", $"w{i}"], [$"x{i + 1}"]);
            graph.Initializer(OnnxTensor.Generated(
                $"w{i}", OnnxElementType.Float, [Side, Side], MatrixBytes,
                (offset, target) => Fill(block, offset, target)));
        }

        graph.Output($"x{matrices}", OnnxElementType.Float, "batch", Side);
        return new OnnxModelWriter(graph);
    }

    private static void Fill(float[] block, long offset, Span<byte> target)
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(block.AsSpan());
        while (!target.IsEmpty)
        {
            ReadOnlySpan<byte> rest = bytes[(int)(offset % bytes.Length)..];
            rest = rest[..Math.Min(rest.Length, target.Length)];
            rest.CopyTo(target);
            target = target[rest.Length..];
            offset += rest.Length;
        }
    }
}
