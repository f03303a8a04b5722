using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Pipeline.Engines.Accuracy;

/// <summary>Reads elements of any type as doubles. Integers beyond 2^53 lose their last digits.</summary>
public static class ElementReader
{
    /// <param name="data">Exactly <c>values.Length</c> elements.</param>
    public static void Read(ElementType type, ReadOnlySpan<byte> data, Span<double> values)
    {
        switch (type)
        {
            case ElementType.Float32: Convert<float>(data, values); break;
            case ElementType.Float64: Convert<double>(data, values); break;
            case ElementType.Float16: Convert<Half>(data, values); break;
            case ElementType.BFloat16: ConvertBFloat16(data, values); break;
            case ElementType.Bool or ElementType.UInt8: Convert<byte>(data, values); break;
            case ElementType.Int8: Convert<sbyte>(data, values); break;
            case ElementType.UInt16: Convert<ushort>(data, values); break;
            case ElementType.Int16: Convert<short>(data, values); break;
            case ElementType.UInt32: Convert<uint>(data, values); break;
            case ElementType.Int32: Convert<int>(data, values); break;
            case ElementType.UInt64: Convert<ulong>(data, values); break;
            case ElementType.Int64: Convert<long>(data, values); break;
            default: throw new ArgumentOutOfRangeException(nameof(type), type, "Not an element type.");
        }
    }

    private static void Convert<T>(ReadOnlySpan<byte> data, Span<double> values) where T : unmanaged, INumberBase<T> =>
        TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, T>(data), values);

    /// <summary>A BFloat16 is the upper half of a single.</summary>
    private static void ConvertBFloat16(ReadOnlySpan<byte> data, Span<double> values)
    {
        ReadOnlySpan<ushort> halves = MemoryMarshal.Cast<byte, ushort>(data);
        for (int i = 0; i < halves.Length; i++) values[i] = BitConverter.UInt32BitsToSingle((uint)halves[i] << 16);
    }
}
