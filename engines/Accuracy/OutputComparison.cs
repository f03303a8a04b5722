using System.Buffers;
using System.Numerics.Tensors;
using Pipeline.Core.Gates;

namespace Pipeline.Engines.Accuracy;

/// <summary>
/// The running numbers of one output. Elements that are not finite on either side are counted and kept out of the
/// errors; where the two sides are unlike there, the sample's cosine is 0, since no number says how far apart they are.
/// </summary>
internal sealed class OutputComparison(string name)
{
    private const int BlockLength = 4096;
    private const double SmallestReference = 1e-6;

    private double cosineMinimum = double.PositiveInfinity;
    private double maximumAbsoluteError;
    private double maximumRelativeError;
    private double? referenceMaximum;
    private long nanCount;
    private long infinityCount;
    private long rows;
    private long rowsAgreeing;
    private long elements;

    public OutputAccuracy ToEvidence() => new()
    {
        Name = name,
        CosineMinimum = double.IsPositiveInfinity(cosineMinimum) ? 1 : cosineMinimum,
        MaximumAbsoluteError = maximumAbsoluteError,
        MaximumRelativeError = maximumRelativeError,
        NanCount = nanCount,
        InfinityCount = infinityCount,
        Top1Agreement = rows == 0 ? null : (double)rowsAgreeing / rows,
        ReferenceMaximum = referenceMaximum,
        ElementCount = elements,
    };

    /// <summary>Adds one sample; both sides have the same shape.</summary>
    public void Add(
        ElementType engineType,
        ReadOnlySpan<byte> engine,
        ElementType referenceType,
        ReadOnlySpan<byte> reference,
        ReadOnlySpan<long> shape)
    {
        int engineSize = engineType.SizeBytes();
        int referenceSize = referenceType.SizeBytes();
        int count = reference.Length / referenceSize;
        bool hasRows = shape.Length >= 2 && shape[^1] >= 2 && count > 0
            && engineType.IsFloat() && referenceType.IsFloat();

        // Blocks are whole rows where rows are compared; a longer row is one block.
        int row = hasRows ? (int)shape[^1] : 1;
        int block = Math.Max(BlockLength / row, 1) * row;
        double[] a = ArrayPool<double>.Shared.Rent(block);
        double[] b = ArrayPool<double>.Shared.Rent(block);
        var cosine = default(CosineSimilarity);
        double largestError = 0;
        for (int at = 0; at < count; at += block)
        {
            int length = Math.Min(block, count - at);
            Span<double> actual = a.AsSpan(0, length);
            Span<double> expected = b.AsSpan(0, length);
            ElementReader.Read(engineType, engine.Slice(at * engineSize, length * engineSize), actual);
            ElementReader.Read(referenceType, reference.Slice(at * referenceSize, length * referenceSize), expected);
            if (hasRows) CompareRows(actual, expected, row);
            cosine.Unlike |= TakeOutNonFinite(actual, expected);
            cosine.Add(actual, expected);
            if (referenceType.IsFloat())
            {
                // Evidence is JSON, which has no infinity; what was not finite is 0 by now.
                double largest = Math.Abs(TensorPrimitives.MaxMagnitude<double>(expected));
                referenceMaximum = Math.Max(referenceMaximum ?? 0, largest);
            }

            largestError = Math.Max(largestError, AddErrors(actual, expected));
        }

        ArrayPool<double>.Shared.Return(a);
        ArrayPool<double>.Shared.Return(b);
        elements += count;
        maximumAbsoluteError = Math.Max(maximumAbsoluteError, largestError);
        cosineMinimum = Math.Min(cosineMinimum, cosine.Within(largestError));
    }

    private void CompareRows(ReadOnlySpan<double> actual, ReadOnlySpan<double> expected, int row)
    {
        for (int at = 0; at < actual.Length; at += row)
        {
            rows++;
            int first = TensorPrimitives.IndexOfMax(actual.Slice(at, row));
            if (first == TensorPrimitives.IndexOfMax(expected.Slice(at, row))) rowsAgreeing++;
        }
    }

    /// <summary>
    /// Counts what is not finite and sets it to 0 on both sides; true when the sides are unlike there.
    /// </summary>
    private bool TakeOutNonFinite(Span<double> actual, Span<double> expected)
    {
        bool finite = TensorPrimitives.IsFiniteAll<double>(actual) && TensorPrimitives.IsFiniteAll<double>(expected);
        if (finite) return false;
        bool unlike = false;
        for (int i = 0; i < actual.Length; i++)
        {
            double x = actual[i];
            double y = expected[i];
            if (double.IsFinite(x) && double.IsFinite(y)) continue;
            if (double.IsNaN(x) && !double.IsNaN(y)) nanCount++;
            if (double.IsInfinity(x) && double.IsFinite(y)) infinityCount++;
            unlike |= !x.Equals(y);
            actual[i] = 0;
            expected[i] = 0;
        }

        return unlike;
    }

    /// <summary>The largest absolute error.</summary>
    private double AddErrors(ReadOnlySpan<double> actual, ReadOnlySpan<double> expected)
    {
        double largest = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            // Evidence is JSON, which has no infinity.
            double error = Math.Min(Math.Abs(actual[i] - expected[i]), double.MaxValue);
            if (error == 0) continue;
            largest = Math.Max(largest, error);
            double relative = error / Math.Max(Math.Abs(expected[i]), SmallestReference);
            maximumRelativeError = Math.Max(maximumRelativeError, Math.Min(relative, double.MaxValue));
        }

        return largest;
    }
}
