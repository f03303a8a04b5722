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

    private const int StartBytes = 64 * 1024;

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

    /// <summary>Starts a request: looks at what its headers say.</summary>
    /// <exception cref="ProtocolException">Too large, no room now, or the header's length is not one.</exception>
    public void Open(HttpRequest request)
    {
        contentLength = request.ContentLength;
        int? headerLength = HeaderLength(request);
        if (contentLength > maximumBytes) throw TooLarge($"{contentLength}", maximumBytes);
        jsonMaximum = headerLength ?? int.MaxValue;
        (jsonLength, binaryLength) = (0, 0);
        Reserve(StartBytes);
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
        // Twice as much each time, so that each byte is copied a few times at most.
        if (after > reserved) Reserve(Math.Max(after, 2 * reserved));
        ReadOnlySpan<byte> toJson = bytes[..Math.Min(bytes.Length, jsonMaximum - jsonLength)];
        ReadOnlySpan<byte> toBinary = bytes[toJson.Length..];
        toJson.CopyTo(json.Span(jsonLength, toJson.Length));
        toBinary.CopyTo(binary.Span(binaryLength, toBinary.Length));
        (jsonLength, binaryLength) = (jsonLength + toJson.Length, binaryLength + toBinary.Length);
    }

    /// <summary>
    /// Sets memory aside for so many bytes, but never for more than there can be. It follows what has arrived: who only says
    /// that a large body comes takes nothing from others.
    /// </summary>
    private void Reserve(long bytes)
    {
        bytes = Math.Min(bytes, contentLength ?? maximumBytes);
        reserved += gate.Reserve(bytes - reserved);
        json.Reserve((int)Math.Min(jsonMaximum, bytes), kept: jsonLength);
        binary.Reserve((int)Math.Max(0, bytes - jsonMaximum), kept: binaryLength);
    }

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
