using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Pipeline.Engines;
using Pipeline.Engines.Accuracy;

namespace Pipeline.Edge.Shadowing;

/// <summary>
/// Compares an output of a shadow run with stable's, as the accuracy gate compares with a reference; allocates nothing.
/// Floats: cosine, error and, in rows, the index of the largest element. What is not finite agrees where it is the same on
/// both sides - a client that sends NaN must not speak against the candidate - and is unlike elsewhere. Whole numbers and
/// booleans name things, so that near is not the same: each element is a row that agrees when it is equal, and the cosine
/// is the share of those.
/// </summary>
internal static class OutputComparer
{
    private const int BlockLength = 512;

    /// <summary>One output of both sides. Another type or shape is unlike, since clients read the bytes as they come.</summary>
    public static ShadowComparison Compare(
        ElementType stableType, ReadOnlySpan<long> stableShape, ReadOnlySpan<byte> stable,
        ElementType candidateType, ReadOnlySpan<long> candidateShape, ReadOnlySpan<byte> candidate) =>
        stableType == candidateType && stableShape.SequenceEqual(candidateShape)
            ? Compare(stableType, stable, candidate, RowLength(stableShape))
            : ShadowComparison.Unlike;

    /// <summary>Both answers whole. Outputs are matched by name; the candidate may have more than stable.</summary>
    public static ShadowComparison Compare(EngineOutputs stable, EngineOutputs candidate)
    {
        ShadowComparison all = ShadowComparison.Same;
        for (int i = 0; i < stable.Count; i++)
        {
            int other = candidate.IndexOf(stable.Name(i));
            all = all.With(other < 0 ? ShadowComparison.Unlike : Compare(
                stable.ElementType(i), stable.Shape(i).AsSpan(), stable.Data(i),
                candidate.ElementType(other), candidate.Shape(other).AsSpan(), candidate.Data(other)));
        }

        return all;
    }

    /// <param name="stable">Whole elements.</param>
    /// <param name="candidate">Of another length: unlike.</param>
    /// <param name="rowLength">Elements of a row of scores; below 2 there are no rows.</param>
    public static ShadowComparison Compare(
        ElementType type, ReadOnlySpan<byte> stable, ReadOnlySpan<byte> candidate, int rowLength)
    {
        if (stable.Length != candidate.Length) return ShadowComparison.Unlike;
        int count = stable.Length / type.SizeBytes();
        long rows = !type.IsFloat() ? count : rowLength >= 2 ? count / rowLength : 0;
        // Often so: the same weights, rebuilt.
        if (stable.SequenceEqual(candidate)) return ShadowComparison.Same with { Rows = rows, RowsAgreeing = rows };
        return type.IsFloat()
            ? CompareFloats(type, stable, candidate, rowLength >= 2 ? rowLength : 0)
            : CompareWhole(type, stable, candidate);
    }

    /// <summary>Elements of a row of scores: the last axis of two or more; 0 where a shape has no such rows.</summary>
    public static int RowLength(ReadOnlySpan<long> shape) =>
        shape.Length >= 2 && shape[^1] is >= 2 and <= int.MaxValue ? (int)shape[^1] : 0;

    private static ShadowComparison CompareFloats(
        ElementType type, ReadOnlySpan<byte> stable, ReadOnlySpan<byte> candidate, int rowLength)
    {
        Span<double> expectedBlock = stackalloc double[BlockLength];
        Span<double> actualBlock = stackalloc double[BlockLength];
        int size = type.SizeBytes();
        int count = stable.Length / size;
        var cosine = default(CosineSimilarity);
        var top = new TopClasses(rowLength);
        double largestError = 0;
        for (int at = 0; at < count; at += BlockLength)
        {
            int length = Math.Min(BlockLength, count - at);
            Span<double> expected = expectedBlock[..length];
            Span<double> actual = actualBlock[..length];
            ElementReader.Read(type, stable.Slice(at * size, length * size), expected);
            ElementReader.Read(type, candidate.Slice(at * size, length * size), actual);
            top.Add(expected, actual);
            cosine.Unlike |= TakeOutNonFinite(expected, actual);
            cosine.Add(actual, expected);
            TensorPrimitives.Subtract(actual, expected, actual);
            largestError = Math.Max(largestError, Math.Abs(TensorPrimitives.MaxMagnitude<double>(actual)));
        }

        return new ShadowComparison(cosine.Unlike, cosine.Within(largestError), largestError, top.Rows, top.RowsAgreeing);
    }

    /// <summary>Sets to 0 on both sides what is not finite on one; true when the sides are unlike there.</summary>
    private static bool TakeOutNonFinite(Span<double> expected, Span<double> actual)
    {
        if (TensorPrimitives.IsFiniteAll<double>(expected) && TensorPrimitives.IsFiniteAll<double>(actual)) return false;
        bool unlike = false;
        for (int i = 0; i < expected.Length; i++)
        {
            if (double.IsFinite(expected[i]) && double.IsFinite(actual[i])) continue;
            unlike |= !expected[i].Equals(actual[i]);
            (expected[i], actual[i]) = (0, 0);
        }

        return unlike;
    }

    private static ShadowComparison CompareWhole(ElementType type, ReadOnlySpan<byte> stable, ReadOnlySpan<byte> candidate)
    {
        // By their own bits: as doubles, large ones that differ could be equal.
        (int count, int equal) = type.SizeBytes() switch
        {
            1 => CountEqual<byte>(stable, candidate),
            2 => CountEqual<ushort>(stable, candidate),
            4 => CountEqual<uint>(stable, candidate),
            _ => CountEqual<ulong>(stable, candidate),
        };
        return new ShadowComparison(false, (double)equal / count, LargestError(type, stable, candidate), count, equal);
    }

    private static (int Count, int Equal) CountEqual<T>(ReadOnlySpan<byte> stable, ReadOnlySpan<byte> candidate)
        where T : unmanaged, IEquatable<T>
    {
        ReadOnlySpan<T> expected = MemoryMarshal.Cast<byte, T>(stable);
        ReadOnlySpan<T> actual = MemoryMarshal.Cast<byte, T>(candidate);
        int equal = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            if (expected[i].Equals(actual[i])) equal++;
        }

        return (expected.Length, equal);
    }

    private static double LargestError(ElementType type, ReadOnlySpan<byte> stable, ReadOnlySpan<byte> candidate)
    {
        Span<double> expectedBlock = stackalloc double[BlockLength];
        Span<double> actualBlock = stackalloc double[BlockLength];
        int size = type.SizeBytes();
        double largest = 0;
        for (int at = 0; at < stable.Length; at += BlockLength * size)
        {
            int bytes = Math.Min(BlockLength * size, stable.Length - at);
            Span<double> expected = expectedBlock[..(bytes / size)];
            Span<double> actual = actualBlock[..(bytes / size)];
            ElementReader.Read(type, stable.Slice(at, bytes), expected);
            ElementReader.Read(type, candidate.Slice(at, bytes), actual);
            TensorPrimitives.Subtract(actual, expected, actual);
            largest = Math.Max(largest, Math.Abs(TensorPrimitives.MaxMagnitude<double>(actual)));
        }

        return largest;
    }
}
