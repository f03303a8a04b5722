using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Pipeline.Onnx.Inspection;

namespace Pipeline.Onnx.Wire;

/// <summary>
/// Reads protobuf fields from a forward-only stream through one fixed buffer, and hashes every byte it passes.
/// Positions are 64-bit: models beyond 2 GiB are read like any other (docs/decisions/0003).
/// </summary>
internal sealed class WireReader : IDisposable
{
    /// <summary>The end of a stream whose length nobody knows.</summary>
    public const long Unbounded = long.MaxValue;

    private const int BufferBytes = 256 * 1024;
    private const int MaxHeaderBytes = 20;
    private const int MaxVarintBytes = 10;
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Stream source;
    private readonly long maxLength;
    private readonly CancellationToken cancellation;
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
    private long bufferOffset;
    private int start;
    private int end;
    private bool ended;

    public WireReader(Stream source, long maxLength, CancellationToken cancellation)
    {
        this.source = source;
        this.maxLength = maxLength;
        this.cancellation = cancellation;
    }

    /// <summary>Bytes passed so far.</summary>
    public long Offset => bufferOffset + start;

    private int Buffered => end - start;

    public void Dispose()
    {
        hash.Dispose();
        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>SHA-256 of all that was read; right once the end of the stream was reached.</summary>
    public string FinishHash() => Convert.ToHexStringLower(hash.GetHashAndReset());

    /// <summary>The next field before <paramref name="limit"/>, or a field whose IsEnd is true.</summary>
    public ValueTask<WireField> NextAsync(long limit) =>
        Buffered >= MaxHeaderBytes || ended ? new(Next(limit)) : FillAndNextAsync(limit);

    public async ValueTask SkipAsync(WireField field)
    {
        if (field.Type != WireType.Length) return;
        while (Offset < field.End)
        {
            start += (int)Math.Min(Buffered, field.End - Offset);
            if (Offset < field.End && !await FillAsync()) throw Truncated();
        }
    }

    /// <summary>A short text. The bytes must be UTF-8.</summary>
    public async ValueTask<string> ReadTextAsync(WireField field, int maxBytes)
    {
        Require(field, WireType.Length);
        if (field.Length > Math.Min(maxBytes, BufferBytes))
            throw Fault(OnnxFaultKind.TooLarge, $"A name has {field.Length} bytes, more than the accepted {maxBytes}.");
        int length = (int)field.Length;
        await BufferAsync(length);
        if (Buffered < length) throw Truncated();
        try
        {
            string text = Utf8.GetString(buffer, start, length);
            start += length;
            return text;
        }
        catch (DecoderFallbackException)
        {
            throw Malformed("A name is not UTF-8");
        }
    }

    /// <summary>One varint of a packed field.</summary>
    public async ValueTask<ulong> ReadPackedAsync(long limit)
    {
        await BufferAsync(MaxVarintBytes);
        return Varint(limit);
    }

    public void Require(WireField field, WireType type)
    {
        if (field.Type != type)
            throw Malformed($"Field {field.Number} is encoded as {field.Type}, not as {type}");
    }

    public OnnxFaultException Malformed(string what) =>
        Fault(OnnxFaultKind.Malformed, $"{what}; export the model again.");

    public OnnxFaultException Fault(OnnxFaultKind kind, string message) =>
        new(new OnnxFault { Kind = kind, Message = message, Offset = Offset });

    private OnnxFaultException Truncated() => Fault(
        OnnxFaultKind.Truncated, "The file ends in the middle of a field; upload it again, and whole.");

    private async ValueTask<WireField> FillAndNextAsync(long limit)
    {
        await BufferAsync(MaxHeaderBytes);
        return Next(limit);
    }

    private WireField Next(long limit)
    {
        if (Offset == limit || (limit == Unbounded && Buffered == 0)) return default;
        ulong tag = Varint(limit);
        ulong number = tag >> 3;
        if (number is 0 or > 0x1FFF_FFFF) throw Malformed($"{number} is not a field number");
        var type = (WireType)(tag & 7);
        switch (type)
        {
            case WireType.Varint:
                return new((int)number, type, Varint(limit), Offset, Offset);
            case WireType.Fixed32:
            case WireType.Fixed64:
                int size = type == WireType.Fixed32 ? 4 : 8;
                ulong value = 0;
                for (int i = 0; i < size; i++) value |= (ulong)NextByte(limit) << (8 * i);
                return new((int)number, type, value, Offset, Offset);
            case WireType.Length:
                ulong length = Varint(limit);
                // Compared as unsigned: what is negative when signed lies beyond every limit.
                if (length > (ulong)(limit - Offset))
                    throw Malformed($"Field {number} is longer than the message that holds it");
                return new((int)number, type, 0, Offset, Offset + (long)length);
            default:
                throw Malformed($"Field {number} has wire type {(int)type}, which ONNX does not use");
        }
    }

    private ulong Varint(long limit)
    {
        ulong value = 0;
        for (int shift = 0; shift < 7 * MaxVarintBytes; shift += 7)
        {
            byte next = NextByte(limit);
            // The tenth byte has room for one bit, and a last byte of zero only pads: one number, one encoding.
            if (next >= 0x80 && shift < 63) value |= (ulong)(next & 0x7F) << shift;
            else if ((shift == 63 && next > 1) || (shift > 0 && next == 0)) break;
            else return value | ((ulong)next << shift);
        }

        throw Malformed("A number is encoded in more bytes than it needs or may have");
    }

    private byte NextByte(long limit)
    {
        if (Offset >= limit) throw Malformed("A field reaches beyond the message that holds it");
        if (start == end) throw Truncated();
        return buffer[start++];
    }

    private async ValueTask BufferAsync(int count)
    {
        while (Buffered < count && !ended) await FillAsync();
    }

    private async ValueTask<bool> FillAsync()
    {
        buffer.AsSpan(start, Buffered).CopyTo(buffer);
        bufferOffset += start;
        end -= start;
        start = 0;
        int read = await source.ReadAsync(buffer.AsMemory(end), cancellation);
        hash.AppendData(buffer, end, read);
        end += read;
        ended = read == 0;
        if (bufferOffset + end > maxLength)
            throw Fault(OnnxFaultKind.TooLarge, $"The file is longer than the accepted {maxLength} bytes.");
        return !ended;
    }
}
