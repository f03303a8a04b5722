using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Pipeline.Engines;

/// <summary>A named tensor: row-major elements in the machine's byte order. The data is borrowed, not copied.</summary>
public sealed class Tensor
{
    /// <param name="data">
    /// Exactly the shape's elements. It must not change or be returned to a pool during a run.
    /// </param>
    /// <exception cref="EngineException">InvalidInput: a negative dimension, or data of another length.</exception>
    public Tensor(string name, ElementType elementType, ImmutableArray<long> shape, ReadOnlyMemory<byte> data)
    {
        if (SizeBytesOf(elementType, shape.AsSpan()) != data.Length)
        {
            throw new EngineException(
                EngineErrorKind.InvalidInput,
                $"Tensor '{name}' of type {elementType.ProtocolName()} and shape [{string.Join(", ", shape)}] " +
                $"does not fit its {data.Length} bytes of data.");
        }

        (Name, ElementType, Shape, Data) = (name, elementType, shape, data);
    }

    public string Name { get; }

    public ElementType ElementType { get; }

    public ImmutableArray<long> Shape { get; }

    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>A tensor over a copy of the values.</summary>
    public static Tensor Copy<T>(string name, ReadOnlySpan<T> values, params ReadOnlySpan<long> shape)
        where T : unmanaged =>
        new(name, ElementTypes.Of<T>(), [.. shape], MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>Bytes of a tensor; -1 when a dimension is negative or the product is beyond 64 bits.</summary>
    public static long SizeBytesOf(ElementType elementType, ReadOnlySpan<long> shape)
    {
        Int128 size = elementType.SizeBytes();
        foreach (long dimension in shape)
        {
            if (dimension < 0) return -1;
            size *= dimension;
            if (size > long.MaxValue) return -1;
        }

        return (long)size;
    }
}
