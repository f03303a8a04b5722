using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Pipeline.Onnx.Npz;

/// <summary>
/// The head of an npy file: a magic number, a version, and a Python dictionary with exactly three entries.
/// </summary>
internal sealed partial record NpyHeader(OnnxElementType ElementType, ImmutableArray<long> Shape)
{
    private const int MaxHeaderBytes = 64 * 1024;
    private const int Alignment = 64;
    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Bytes of the data behind the header; -1 when they are more than a long can count.</summary>
    public long DataBytes
    {
        get
        {
            Int128 bytes = ElementType.Bits() / 8;
            foreach (long size in Shape)
            {
                bytes *= size;
                if (bytes > long.MaxValue) return -1;
            }

            return (long)bytes;
        }
    }

    /// <summary>Reads up to the first byte of the data.</summary>
    public static NpyHeader Read(Stream stream, string name, NpzLimits limits)
    {
        Span<byte> start = stackalloc byte[12];
        stream.ReadExactly(start[..10]);
        if (!start.StartsWith(Magic)) throw Fault(name, "is not an npy file");
        int length;
        switch (start[6])
        {
            case 1:
                length = BinaryPrimitives.ReadUInt16LittleEndian(start[8..]);
                break;
            case 2 or 3:
                stream.ReadExactly(start[10..12]);
                uint declared = BinaryPrimitives.ReadUInt32LittleEndian(start[8..]);
                length = declared <= MaxHeaderBytes
                    ? (int)declared
                    : throw Fault(name, $"has a header of {declared} bytes, more than {MaxHeaderBytes}");
                break;
            default:
                throw Fault(name, $"has npy version {start[6]}; versions 1 to 3 are known");
        }

        byte[] text = new byte[length];
        stream.ReadExactly(text);
        return Parse(Encoding.Latin1.GetString(text), name, limits);
    }

    /// <summary>The header in version 1, padded so that the data starts at a multiple of 64.</summary>
    public byte[] ToBytes()
    {
        string shape = string.Concat(Shape.Select(size => FormattableString.Invariant($"{size}, ")));
        if (Shape.Length > 1) shape = shape[..^2];
        string dictionary =
            $"{{'descr': '{NpyTypes.Describe(ElementType)}', 'fortran_order': False, 'shape': ({shape.TrimEnd()}), }}";
        int total = (10 + dictionary.Length + 1 + Alignment - 1) / Alignment * Alignment;
        byte[] bytes = new byte[total];
        Magic.CopyTo(bytes);
        bytes[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), (ushort)(total - 10));
        Encoding.Latin1.GetBytes(dictionary.PadRight(total - 11) + '\n', bytes.AsSpan(10));
        return bytes;
    }

    private static NpyHeader Parse(string text, string name, NpzLimits limits)
    {
        // numpy writes structured types as a list; neither that nor an object type matches, so the type is asked first.
        Match any = AnyType().Match(text);
        if (!any.Success) throw Fault(name, "has a header that is not understood (structured types are not supported)");
        string descr = any.Groups[1].Value;
        if (descr is "|O" or "O") throw Fault(name, "holds pickled Python objects, which are never loaded");
        if (descr.StartsWith('>')) throw Fault(name, $"has big-endian type '{descr}'; save it as little-endian");
        var type = descr.Length == 3 && descr[0] is '<' or '|' ? NpyTypes.Parse(descr[1..]) : OnnxElementType.Undefined;
        if (type == OnnxElementType.Undefined)
            throw Fault(name, $"has type '{descr}'; known are f2 f4 f8, i1 to i8, u1 to u8 and b1");

        Match order = FortranOrder().Match(text);
        Match shape = ShapeTuple().Match(text);
        // What remains when the three entries are taken out may only be braces, commas and space.
        string rest = text.Replace(any.Value, "", StringComparison.Ordinal);
        if (order.Success) rest = rest.Replace(order.Value, "", StringComparison.Ordinal);
        if (shape.Success) rest = rest.Replace(shape.Value, "", StringComparison.Ordinal);
        if (!order.Success || !shape.Success || !Remainder().IsMatch(rest))
            throw Fault(name, "has a header that is not understood");
        if (order.Groups[1].Value == "True")
            throw Fault(name, "is stored column by column (fortran_order); save numpy.ascontiguousarray of it");
        return new NpyHeader(type, Dimensions(shape.Groups[1].Value, name, limits));
    }

    private static ImmutableArray<long> Dimensions(string tuple, string name, NpzLimits limits)
    {
        string[] parts = tuple.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length > limits.MaxDimensions)
            throw Fault(name, $"has {parts.Length} dimensions, more than {limits.MaxDimensions}");
        var sizes = ImmutableArray.CreateBuilder<long>(parts.Length);
        foreach (string part in parts)
        {
            sizes.Add(long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out long size)
                ? size
                : throw Fault(name, $"has a dimension of '{part}'"));
        }

        return sizes.MoveToImmutable();
    }

    internal static NpzFaultException Fault(string name, string what) =>
        new($"The array {Inspection.OnnxFault.Quote(name)} {what}.");

    [GeneratedRegex(@"'descr'\s*:\s*'([^']{1,16})'", RegexOptions.CultureInvariant)]
    private static partial Regex AnyType();

    [GeneratedRegex(@"'fortran_order'\s*:\s*(True|False)", RegexOptions.CultureInvariant)]
    private static partial Regex FortranOrder();

    [GeneratedRegex(@"'shape'\s*:\s*\(([0-9,\s]*)\)", RegexOptions.CultureInvariant)]
    private static partial Regex ShapeTuple();

    [GeneratedRegex(@"\A\{[\s,]*\}\s*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Remainder();
}
