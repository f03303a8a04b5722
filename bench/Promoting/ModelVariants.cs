using System.Security.Cryptography;
using Pipeline.Bench.Serving;
using Pipeline.Onnx.Rewriting;

namespace Pipeline.Bench.Promoting;

/// <summary>Versions of one model that differ in their weights: rounded to fewer and fewer bits, with and without bfloat16.</summary>
internal static class ModelVariants
{
    public const int Maximum = 20;
    private const int BitsMaximum = 16;

    /// <summary>The first so many variants, no two alike.</summary>
    public static async Task<byte[][]> CreateAsync(int count, CancellationToken cancellationToken)
    {
        byte[] source = await File.ReadAllBytesAsync(Classifier.Path, cancellationToken);
        byte[] rounded = await RewriteAsync(source, WeightTransform.RoundToBFloat16, cancellationToken);
        var variants = new byte[count][];
        for (int i = 0; i < count; i++)
        {
            var bits = WeightTransform.QuantizeToBits(BitsMaximum - (i / 2));
            variants[i] = await RewriteAsync(i % 2 == 0 ? source : rounded, bits, cancellationToken);
        }

        return variants.Select(v => Convert.ToHexString(SHA256.HashData(v))).Distinct().Count() == count
            ? variants
            : throw new InvalidOperationException("Two variants have the same bytes.");
    }

    private static async Task<byte[]> RewriteAsync(
        byte[] model, WeightTransform transform, CancellationToken cancellationToken)
    {
        using var source = new MemoryStream(model);
        using var destination = new MemoryStream(model.Length);
        OnnxRewrite rewrite = await OnnxRewriter.RewriteAsync(source, destination, transform, null, cancellationToken);
        return rewrite.IsDone ? destination.ToArray() : throw new InvalidOperationException(rewrite.Fault.Message);
    }
}
