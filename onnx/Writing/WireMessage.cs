using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Pipeline.Onnx.Wire;

namespace Pipeline.Onnx.Writing;

/// <summary>
/// A protobuf message under construction: bytes, and large payloads that are produced only when they are read.
/// </summary>
internal sealed class WireMessage
{
    private readonly List<WirePart> parts = [];
    private ArrayBufferWriter<byte> tail = new();
    private long finished;

    public long Length => finished + tail.WrittenCount;

    /// <summary>The content so far, in order.</summary>
    public IReadOnlyList<WirePart> Parts
    {
        get
        {
            FinishTail();
            return parts;
        }
    }

    public void Int(int field, long value)
    {
        Varint(Tag(field, WireType.Varint));
        Varint((ulong)value);
    }

    public void Float(int field, float value)
    {
        Varint(Tag(field, WireType.Fixed32));
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        tail.Write(bytes);
    }

    public void Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Header(field, value.Length);
        tail.Write(value);
    }

    public void Message(int field, WireMessage message)
    {
        Header(field, message.Length);
        foreach (WirePart part in message.Parts) Add(part);
    }

    public void Generated(int field, long length, FillPayload fill)
    {
        Header(field, length);
        Add(new WirePart(length, default, fill));
    }

    private void Header(int field, long length)
    {
        Varint(Tag(field, WireType.Length));
        Varint((ulong)length);
    }

    private void Add(WirePart part)
    {
        if (part.Fill is null)
        {
            tail.Write(part.Bytes.Span);
            return;
        }

        FinishTail();
        parts.Add(part);
        finished += part.Length;
    }

    private void FinishTail()
    {
        if (tail.WrittenCount == 0) return;
        parts.Add(new WirePart(tail.WrittenCount, tail.WrittenMemory, null));
        finished += tail.WrittenCount;
        tail = new ArrayBufferWriter<byte>();
    }

    private static ulong Tag(int field, WireType type) => ((ulong)field << 3) | (uint)type;

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7) tail.Write([(byte)(value | 0x80)]);
        tail.Write([(byte)value]);
    }
}
