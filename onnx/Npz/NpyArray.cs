using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Pipeline.Onnx.Npz;

/// <summary>A named tensor in memory: little-endian, row by row.</summary>
public sealed record NpyArray
{
    public required string Name { get; init; }

    public required OnnxElementType ElementType { get; init; }

    /// <summary>Sizes of the dimensions, each 0 or more; empty for a scalar.</summary>
    public required ImmutableArray<long> Shape { get; init; }

    /// <summary>Exactly as many bytes as shape and type ask for.</summary>
    public required ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>Copies values into an array. Throws when they do not fill the shape.</summary>
    public static NpyArray Of<T>(string name, ReadOnlySpan<long> shape, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        long count = 1;
        foreach (long size in shape) count = checked(count * size);
        if (count != values.Length)
            throw new ArgumentException($"'{name}' has {values.Length} values for a shape of {count}.", nameof(values));
        return new NpyArray
        {
            Name = name,
            ElementType = NpyTypes.TypeOf<T>(),
            Shape = [.. shape],
            Data = MemoryMarshal.AsBytes(values).ToArray(),
        };
    }

    /// <summary>The elements in place. Throws when <typeparamref name="T"/> is not the array's type.</summary>
    public ReadOnlySpan<T> Values<T>()
        where T : unmanaged
    {
        if (NpyTypes.TypeOf<T>() != ElementType)
            throw new InvalidOperationException($"'{Name}' holds {ElementType}, not {typeof(T).Name}.");
        return MemoryMarshal.Cast<byte, T>(Data.Span);
    }
}
