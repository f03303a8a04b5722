using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using Pipeline.Edge.Batching;
using Pipeline.Edge.Serving;

namespace Pipeline.Edge.Protocol;

/// <summary>
/// The whole body of a request, copied once from the server's pipe: JSON into one part, binary data into another that
/// native kernels read from where it lies. The memory is used again for the next request.
/// </summary>
internal sealed class RequestBody(AdmissionGate gate, long maximumBytes) : IDisposable
{
    /// <summary>Says how much of a body is JSON; binary data follows it. Also on answers.</summary>
    public const string JsonLengthHeader = "Inference-Header-Content-Length";

    private const int ChunkedStartBytes = 64 * 1024;

    private readonly AlignedMemory json = new();
    private readonly AlignedMemory binary = new();
    private long? contentLength;
    private int jsonMaximum;
    private int jsonLength;
    private int binaryLength;
    private long reserved;

    /// <summary>The JSON, or all of the body when no header says how long the JSON is.</summary>
    public ReadOnlySpan<byte> Json => json.Span(0, jsonLength);

    /// <summary>What follows the JSON; starts on a cache line.</summary>
    public ReadOnlySpan<byte> Binary => binary.Span(0, binaryLength);

    public nint BinaryAddress => binary.Address;

    public int RetainedBytes => json.Capacity + binary.Capacity;

    private int Length => jsonLength + binaryLength;

    /// <summary>Starts a request: looks at what its headers say, and sets memory aside.</summary>
    /// <exception cref="ProtocolException">Too large, no room now, or the header's length is not one.</exception>
    public void Open(HttpRequest request)
    {
        contentLength = request.ContentLength;
        int? headerLength = HeaderLength(request);
        if (contentLength > maximumBytes) throw TooLarge($"{contentLength}", maximumBytes);
        jsonMaximum = headerLength ?? int.MaxValue;
        (jsonLength, binaryLength) = (0, 0);
        Reserve(contentLength ?? Math.Min(ChunkedStartBytes, maximumBytes + 1));
        if (contentLength is not { } whole) return;
        json.Reserve((int)Math.Min(jsonMaximum, whole));
        binary.Reserve((int)Math.Max(0, whole - jsonMaximum));
    }

    /// <summary>Takes what has arrived; true when that was the last of it.</summary>
    /// <exception cref="ProtocolException">Too large, no room now, or shorter than the header says.</exception>
    public bool Take(PipeReader reader, ReadResult read)
    {
        ReadOnlySequence<byte> buffer = read.Buffer;
        try
        {
            foreach (ReadOnlyMemory<byte> segment in buffer) Append(segment.Span);
        }
        finally
        {
            // Also when it is refused: the server drains what is left of the body, which it cannot amid a read.
            reader.AdvanceTo(buffer.End);
        }

        if (!read.IsCompleted && Length != contentLength) return false;
        if (jsonMaximum != int.MaxValue && jsonLength < jsonMaximum)
        {
            throw ProtocolException.BadRequest(
                $"Header '{JsonLengthHeader}' says {jsonMaximum} bytes, but the whole body has {Length}.");
        }

        return true;
    }

    /// <summary>Gives back what was set aside for the request.</summary>
    public void Close()
    {
        gate.Free(reserved);
        reserved = 0;
    }

    public void Trim()
    {
        json.Trim();
        binary.Trim();
    }

    public void Dispose()
    {
        json.Dispose();
        binary.Dispose();
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        long after = (long)Length + bytes.Length;
        if (after > maximumBytes) throw TooLarge($"more than {maximumBytes}", maximumBytes);
        if (after > reserved) Reserve(Math.Max(after, Math.Min(2 * reserved, maximumBytes)) - reserved);
        int toJson = Math.Min(bytes.Length, jsonMaximum - jsonLength);
        jsonLength = Append(json, jsonLength, bytes[..toJson]);
        binaryLength = Append(binary, binaryLength, bytes[toJson..]);
    }

    private static int Append(AlignedMemory memory, int length, ReadOnlySpan<byte> bytes)
    {
        int after = length + bytes.Length;
        // Without a stated length it doubles, so that each byte is copied a few times at most.
        if (after > memory.Capacity) memory.Reserve(Math.Max(after, (int)Math.Min(2L * length, int.MaxValue)), kept: length);
        bytes.CopyTo(memory.Span(length, bytes.Length));
        return after;
    }

    private void Reserve(long bytes) => reserved += gate.Reserve(bytes);

    private static ProtocolException TooLarge(string size, long maximumBytes) => new(
        StatusCodes.Status413PayloadTooLarge,
        $"The body has {size} bytes; the largest that is taken is {maximumBytes}.");

    private static int? HeaderLength(HttpRequest request)
    {
        string? text = request.Headers[JsonLengthHeader];
        if (text is null) return null;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int length))
        {
            throw ProtocolException.BadRequest(
                $"Header '{JsonLengthHeader}' is {ProtocolException.Quote(text)}, not a number of bytes.");
        }

        if (request.ContentLength is { } body && length > body)
            throw ProtocolException.BadRequest(
                $"Header '{JsonLengthHeader}' says {length} bytes, but the whole body has {body}.");
        return length;
    }
}
