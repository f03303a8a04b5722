using System.Runtime.InteropServices;
using System.Text.Json;
using Pipeline.Engines;

namespace Pipeline.Edge.Protocol;

/// <summary>Elements of a tensor in JSON: one flat array, or arrays nested as the shape says.</summary>
internal static class TensorJson
{
    /// <summary>Reads the elements into <paramref name="destination"/>, which has exactly the tensor's size.</summary>
    /// <param name="json">The array, well-formed.</param>
    /// <exception cref="ProtocolException">Another count or nesting, or an element that is not of the type.</exception>
    public static void Read(
        ReadOnlySpan<byte> json, string name, ElementType type, ReadOnlySpan<long> shape, Span<byte> destination)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 64 });
        // A scalar's one element stands in an array too.
        Span<long> counts = stackalloc long[Math.Max(1, shape.Length) + 1];
        int elementSize = type.SizeBytes();
        int expected = destination.Length / elementSize;
        int depth = 0;
        int index = 0;
        bool nested = false;
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndArray)
            {
                if (nested && counts[depth] != shape[depth - 1]) throw Nesting(name, shape);
                depth--;
                continue;
            }

            if (depth > 0) counts[depth]++;
            if (reader.TokenType == JsonTokenType.StartArray)
            {
                // The first element decides which of the two forms it is.
                if (depth == 1 && index == 0) nested = true;
                if (depth > 0 && (!nested || depth >= shape.Length)) throw Nesting(name, shape);
                counts[++depth] = 0;
                continue;
            }

            if (nested && depth != shape.Length) throw Nesting(name, shape);
            if (index == expected) throw Count(name, shape, $"more than {expected}");
            if (!TryReadElement(ref reader, type, destination[(index * elementSize)..]))
                throw ProtocolException.BadRequest(
                    $"Element {index} of input '{name}' is not a value of type {type.ProtocolName()}.");
            index++;
        }

        if (index != expected) throw Count(name, shape, $"{index}");
    }

    /// <summary>Writes the elements as one flat array.</summary>
    /// <returns>False when there is a value that JSON has no number for.</returns>
    public static bool TryWrite(Utf8JsonWriter json, ElementType type, ReadOnlySpan<byte> data)
    {
        json.WriteStartArray();
        int size = type.SizeBytes();
        for (; data.Length >= size; data = data[size..])
        {
            if (!TryWriteElement(json, type, data)) return false;
        }

        json.WriteEndArray();
        return true;
    }

    private static bool TryReadElement(ref Utf8JsonReader reader, ElementType type, Span<byte> to)
    {
        if (type == ElementType.Bool)
        {
            to[0] = reader.TokenType == JsonTokenType.True ? (byte)1 : (byte)0;
            return reader.TokenType is JsonTokenType.True or JsonTokenType.False;
        }

        return reader.TokenType == JsonTokenType.Number && type switch
        {
            ElementType.Float32 => reader.TryGetSingle(out float v) && float.IsFinite(v) && Put(to, v),
            ElementType.Float64 => reader.TryGetDouble(out double v) && double.IsFinite(v) && Put(to, v),
            ElementType.Float16 => reader.TryGetDouble(out double v) && Half.IsFinite((Half)v) && Put(to, (Half)v),
            ElementType.BFloat16 => reader.TryGetSingle(out float v) && float.IsFinite(RoundToBFloat16(v)) &&
                Put(to, (ushort)(BitConverter.SingleToUInt32Bits(RoundToBFloat16(v)) >> 16)),
            ElementType.Int64 => reader.TryGetInt64(out long v) && Put(to, v),
            ElementType.Int32 => reader.TryGetInt32(out int v) && Put(to, v),
            ElementType.Int16 => reader.TryGetInt16(out short v) && Put(to, v),
            ElementType.Int8 => reader.TryGetSByte(out sbyte v) && Put(to, v),
            ElementType.UInt64 => reader.TryGetUInt64(out ulong v) && Put(to, v),
            ElementType.UInt32 => reader.TryGetUInt32(out uint v) && Put(to, v),
            ElementType.UInt16 => reader.TryGetUInt16(out ushort v) && Put(to, v),
            ElementType.UInt8 => reader.TryGetByte(out byte v) && Put(to, v),
            _ => false,
        };
    }

    private static bool TryWriteElement(Utf8JsonWriter json, ElementType type, ReadOnlySpan<byte> from)
    {
        switch (type)
        {
            case ElementType.Float32: return TryWriteFloat(json, MemoryMarshal.Read<float>(from));
            case ElementType.Float16: return TryWriteFloat(json, (float)MemoryMarshal.Read<Half>(from));
            case ElementType.BFloat16:
                return TryWriteFloat(
                    json, BitConverter.UInt32BitsToSingle((uint)MemoryMarshal.Read<ushort>(from) << 16));
            case ElementType.Float64:
                double number = MemoryMarshal.Read<double>(from);
                if (!double.IsFinite(number)) return false;
                json.WriteNumberValue(number);
                break;
            case ElementType.Bool: json.WriteBooleanValue(from[0] != 0); break;
            case ElementType.Int64: json.WriteNumberValue(MemoryMarshal.Read<long>(from)); break;
            case ElementType.Int32: json.WriteNumberValue(MemoryMarshal.Read<int>(from)); break;
            case ElementType.Int16: json.WriteNumberValue(MemoryMarshal.Read<short>(from)); break;
            case ElementType.Int8: json.WriteNumberValue((sbyte)from[0]); break;
            case ElementType.UInt64: json.WriteNumberValue(MemoryMarshal.Read<ulong>(from)); break;
            case ElementType.UInt32: json.WriteNumberValue(MemoryMarshal.Read<uint>(from)); break;
            case ElementType.UInt16: json.WriteNumberValue(MemoryMarshal.Read<ushort>(from)); break;
            case ElementType.UInt8: json.WriteNumberValue(from[0]); break;
            default: return false;
        }

        return true;
    }

    private static bool TryWriteFloat(Utf8JsonWriter json, float value)
    {
        if (!float.IsFinite(value)) return false;
        json.WriteNumberValue(value);
        return true;
    }

    private static bool Put<T>(Span<byte> to, T value)
        where T : unmanaged
    {
        MemoryMarshal.Write(to, value);
        return true;
    }

    /// <summary>To the nearest, ties to even, as hardware does it.</summary>
    private static float RoundToBFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return BitConverter.UInt32BitsToSingle((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000);
    }

    private static ProtocolException Nesting(string name, ReadOnlySpan<long> shape) => ProtocolException.BadRequest(
        $"The arrays of input '{name}' are neither flat nor nested as its shape {ShapeText.Of(shape)} says.");

    private static ProtocolException Count(string name, ReadOnlySpan<long> shape, string found) =>
        ProtocolException.BadRequest(
        $"Input '{name}' has {found} elements; its shape {ShapeText.Of(shape)} asks for another count.");
}
