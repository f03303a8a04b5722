using System.Buffers;
using System.Buffers.Binary;
using Pipeline.Onnx.Inspection;

namespace Pipeline.Onnx.Rewriting;

/// <summary>
/// Copies a model with other weights. Only the payload bytes of float32 initializers and Constant nodes with at least
/// 16 elements change; everything else, the length included, stays the same, and so does external data.
/// </summary>
public static class OnnxRewriter
{
    private const int BlockBytes = 64 * 1024;

    /// <summary>
    /// Reads <paramref name="source"/> (seekable) from its position: once to inspect it, once to copy it. On a fault
    /// nothing was written to <paramref name="destination"/>.
    /// </summary>
    public static async Task<OnnxRewrite> RewriteAsync(
        Stream source,
        Stream destination,
        WeightTransform transform,
        OnnxInspectionLimits? limits,
        CancellationToken cancellationToken)
    {
        if (!source.CanSeek) throw new ArgumentException("The source is read twice: make it seekable.", nameof(source));
        long origin = source.Position;
        var weights = new WeightList();
        OnnxInspection inspection = await OnnxInspector.InspectAsync(
            source, limits ?? OnnxInspectionLimits.Default, weights, cancellationToken);
        if (!inspection.IsModel) return new OnnxRewrite { Fault = inspection.Fault };
        if (FindBroken(weights) is { } fault) return new OnnxRewrite { Fault = fault };

        source.Position = origin;
        var copy = new WeightCopy(source, destination, origin, transform, cancellationToken);
        await copy.RunAsync(weights, inspection.Length);
        return new OnnxRewrite
        {
            TensorCount = weights.Tensors.Count,
            WeightCount = copy.WeightCount,
            ChangedCount = copy.ChangedCount,
        };
    }

    private static OnnxFault? FindBroken(WeightList weights)
    {
        foreach (WeightSpan span in weights.Tensors.SelectMany(spans => spans).Where(span => span.Length % 4 != 0))
        {
            return new OnnxFault
            {
                Kind = OnnxFaultKind.Malformed,
                Message = $"A float32 tensor has {span.Length} bytes, no multiple of 4; export the model again.",
                Offset = span.Offset,
            };
        }

        return null;
    }

    private sealed class WeightCopy(
        Stream source, Stream destination, long origin, WeightTransform transform, CancellationToken cancellation)
    {
        public long WeightCount { get; private set; }

        public long ChangedCount { get; private set; }

        private long Position => source.Position - origin;

        public async Task RunAsync(WeightList weights, long length)
        {
            byte[] block = ArrayPool<byte>.Shared.Rent(BlockBytes);
            try
            {
                // Tensors are listed as their messages end, so spans are put in the order of the file.
                var ranged = new List<(WeightSpan Span, float Range)>();
                foreach (List<WeightSpan> tensor in weights.Tensors)
                {
                    float range = transform.NeedsRange ? await RangeAsync(tensor, block) : 0;
                    ranged.AddRange(tensor.Select(span => (span, range)));
                }

                ranged.Sort((a, b) => a.Span.Offset.CompareTo(b.Span.Offset));
                source.Position = origin;
                foreach ((WeightSpan span, float range) in ranged)
                {
                    await CopyAsync(span.Offset - Position, block, null);
                    await CopyAsync(span.Length, block, range);
                }

                await CopyAsync(length - Position, block, null);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(block);
            }
        }

        private async Task<float> RangeAsync(List<WeightSpan> spans, byte[] block)
        {
            float range = 0;
            foreach (WeightSpan span in spans)
            {
                source.Position = origin + span.Offset;
                for (long left = span.Length; left > 0;)
                {
                    int size = (int)Math.Min(left, BlockBytes);
                    await source.ReadExactlyAsync(block.AsMemory(0, size), cancellation);
                    range = Math.Max(range, Range(block.AsSpan(0, size)));
                    left -= size;
                }
            }

            return range;
        }

        private async Task CopyAsync(long count, byte[] block, float? range)
        {
            for (long left = count; left > 0;)
            {
                int size = (int)Math.Min(left, BlockBytes);
                await source.ReadExactlyAsync(block.AsMemory(0, size), cancellation);
                if (range is not null) Transform(block.AsSpan(0, size), range.Value);
                await destination.WriteAsync(block.AsMemory(0, size), cancellation);
                left -= size;
            }
        }

        private static float Range(ReadOnlySpan<byte> block)
        {
            float range = 0;
            for (int i = 0; i < block.Length; i += 4)
            {
                float magnitude = MathF.Abs(BinaryPrimitives.ReadSingleLittleEndian(block[i..]));
                if (float.IsFinite(magnitude)) range = Math.Max(range, magnitude);
            }

            return range;
        }

        private void Transform(Span<byte> block, float range)
        {
            for (int i = 0; i < block.Length; i += 4)
            {
                float before = BinaryPrimitives.ReadSingleLittleEndian(block[i..]);
                float after = transform.Apply(before, range);
                if (BitConverter.SingleToInt32Bits(before) == BitConverter.SingleToInt32Bits(after)) continue;
                BinaryPrimitives.WriteSingleLittleEndian(block[i..], after);
                ChangedCount++;
            }

            WeightCount += block.Length / 4;
        }
    }
}
