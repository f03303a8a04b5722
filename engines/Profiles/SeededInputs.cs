using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Pipeline.Core.Builds;
using Pipeline.Core.Policies;

namespace Pipeline.Engines.Profiles;

/// <summary>
/// Inputs made from a seed: the same seed gives the same bytes on every machine and .NET version. Floats are uniform in
/// [-1, 1), as trtexec makes them; integers and booleans are 0 or 1, which serve as masks, segments and indices into
/// any table of two rows. A model whose numbers depend on more needs golden inputs.
/// </summary>
public static class SeededInputs
{
    /// <summary>
    /// Sample number <paramref name="sample"/>: the profiles in turn, and for each profile its sizes in turn, so that
    /// 3 x profiles samples meet every shape.
    /// </summary>
    public static ImmutableArray<Tensor> Create(
        ImmutableArray<TensorDescription> inputs, ImmutableArray<ShapeProfile> profiles, int seed, int sample)
    {
        int round = sample / profiles.Length;
        int profile = sample % profiles.Length;
        var size = (ProfileSize)((profile + round) % 3);
        return Create(inputs, profiles[profile].Shapes(size), unchecked((seed * 31) + sample));
    }

    /// <summary>One set of inputs with these shapes.</summary>
    public static ImmutableArray<Tensor> Create(
        ImmutableArray<TensorDescription> inputs,
        ImmutableSortedDictionary<string, ImmutableArray<long>> shapes,
        int seed)
    {
        ulong state = unchecked((ulong)seed);
        return [.. inputs.Select(i => Create(i, shapes[i.Name], ref state))];
    }

    private static Tensor Create(TensorDescription input, ImmutableArray<long> shape, ref ulong state)
    {
        if (!ElementTypes.TryParseProtocolName(input.DataType, out ElementType type))
        {
            throw new EngineException(
                EngineErrorKind.UnsupportedTensor,
                $"No inputs can be made for '{input.Name}' of type '{input.DataType}'.");
        }

        byte[] data = new byte[Tensor.SizeBytesOf(type, shape.AsSpan())];
        int size = type.SizeBytes();
        for (int at = 0; at < data.Length; at += size) Write(type, data.AsSpan(at, size), Next(ref state));
        return new Tensor(input.Name, type, shape, data);
    }

    private static void Write(ElementType type, Span<byte> element, ulong random)
    {
        // 24 bits make every value exact in single precision.
        float value = ((random >> 40) / (float)(1 << 23)) - 1;
        switch (type)
        {
            case ElementType.Float32: MemoryMarshal.Write(element, value); break;
            case ElementType.Float64: MemoryMarshal.Write(element, (double)value); break;
            case ElementType.Float16: MemoryMarshal.Write(element, (Half)value); break;
            case ElementType.BFloat16: MemoryMarshal.Write(element, UpperHalf(value)); break;
            default: element[0] = (byte)(random >> 63); break;
        }
    }

    private static ushort UpperHalf(float value) => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);

    /// <summary>SplitMix64: our own, since System.Random's sequence for a seed is not promised for ever.</summary>
    private static ulong Next(ref ulong state)
    {
        unchecked
        {
            ulong z = state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
