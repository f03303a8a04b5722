using System.Runtime.InteropServices;
using Pipeline.Engines;

namespace Pipeline.Edge.Batching;

/// <summary>Copies a tensor into a larger one whose rest is filled with one value.</summary>
internal static class PaddedCopy
{
    /// <param name="shape">Of the source; no dimension is 0.</param>
    /// <param name="padded">Of the destination: as many dimensions, none smaller.</param>
    public static void Copy(
        ReadOnlySpan<byte> source, ReadOnlySpan<long> shape, Span<byte> destination, ReadOnlySpan<long> padded,
        ElementType type, double value)
    {
        if (source.Length == destination.Length)
        {
            source.CopyTo(destination);
            return;
        }

        Fill(destination, type, value);
        CopyInner(source, shape, destination, padded);
    }

    private static void CopyInner(
        ReadOnlySpan<byte> source, ReadOnlySpan<long> shape, Span<byte> destination, ReadOnlySpan<long> padded)
    {
        if (shape.SequenceEqual(padded) || shape.Length == 1)
        {
            source.CopyTo(destination);
            return;
        }

        int from = (int)(source.Length / shape[0]);
        int to = (int)(destination.Length / padded[0]);
        for (int i = 0; i < shape[0]; i++)
            CopyInner(source.Slice(i * from, from), shape[1..], destination.Slice(i * to, to), padded[1..]);
    }

    private static void Fill(Span<byte> destination, ElementType type, double value)
    {
        switch (type)
        {
            case ElementType.Float32: Fill(destination, (float)value); break;
            case ElementType.Float64: Fill(destination, value); break;
            case ElementType.Float16: Fill(destination, (Half)value); break;
            case ElementType.BFloat16: Fill(destination, (ushort)(BitConverter.SingleToUInt32Bits((float)value) >> 16)); break;
            case ElementType.Int64: Fill(destination, (long)value); break;
            case ElementType.Int32: Fill(destination, (int)value); break;
            case ElementType.Int16: Fill(destination, (short)value); break;
            case ElementType.Int8: Fill(destination, (sbyte)value); break;
            case ElementType.UInt64: Fill(destination, (ulong)value); break;
            case ElementType.UInt32: Fill(destination, (uint)value); break;
            case ElementType.UInt16: Fill(destination, (ushort)value); break;
            case ElementType.UInt8: Fill(destination, (byte)value); break;
            case ElementType.Bool: Fill(destination, value == 0 ? (byte)0 : (byte)1); break;
            default: throw new ArgumentOutOfRangeException(nameof(type), type, "Not an element type.");
        }
    }

    private static void Fill<T>(Span<byte> destination, T value)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(destination).Fill(value);
}
