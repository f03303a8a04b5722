using System.Buffers;
using System.Globalization;
using Pipeline.Edge.Serving;

namespace Pipeline.Edge.Protocol;

/// <summary>
/// The whole body of a request in one pooled buffer, laid so that its binary part starts on a multiple of eight bytes:
/// tensors then are slices of it, and nothing is copied again.
/// </summary>
internal sealed class RequestBody : IDisposable
{
    /// <summary>Says how much of a body is JSON; binary data follows it. Also on answers.</summary>
    public const string JsonLengthHeader = "Inference-Header-Content-Length";

    private const int Alignment = 8;
    private const int ChunkedStartBytes = 64 * 1024;

    private readonly AdmissionGate gate;
    private readonly int jsonLength;
    private readonly int start;
    private byte[] buffer;
    private int length;
    private long reserved;

    private RequestBody(AdmissionGate gate, int? headerLength, int capacity)
    {
        this.gate = gate;
        jsonLength = headerLength ?? -1;
        start = headerLength is { } h ? (Alignment - h % Alignment) % Alignment : 0;
        reserved = gate.Reserve(capacity);
        buffer = ArrayPool<byte>.Shared.Rent(start + capacity);
    }

    /// <summary>The JSON, or all of the body when no header says how long the JSON is.</summary>
    public ReadOnlySpan<byte> Json => buffer.AsSpan(start, jsonLength < 0 ? length : jsonLength);

    /// <summary>What follows the JSON.</summary>
    public ReadOnlyMemory<byte> Binary =>
        jsonLength < 0 ? default : buffer.AsMemory(start + jsonLength, length - jsonLength);

    /// <summary>Reads the body to its end.</summary>
    /// <exception cref="ProtocolException">Too large, or the header's length is not one.</exception>
    public static async ValueTask<RequestBody> ReadAsync(
        HttpRequest request, AdmissionGate gate, long maximumBytes, CancellationToken cancellationToken)
    {
        int? headerLength = HeaderLength(request);
        if (request.ContentLength > maximumBytes) throw TooLarge($"{request.ContentLength}", maximumBytes);

        var body = new RequestBody(
            gate, headerLength, (int)(request.ContentLength ?? Math.Min(ChunkedStartBytes, maximumBytes + 1)));
        try
        {
            await body.FillAsync(request, maximumBytes, cancellationToken);
            if (headerLength > body.length)
            {
                throw ProtocolException.BadRequest(
                    $"Header '{JsonLengthHeader}' says {headerLength} bytes, but the whole body has {body.length}.");
            }

            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        if (buffer.Length == 0) return;
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        gate.Free(reserved);
    }

    private async ValueTask FillAsync(HttpRequest request, long maximumBytes, CancellationToken cancellationToken)
    {
        int capacity = (int)reserved;
        while (length < capacity || request.ContentLength is null)
        {
            if (length > maximumBytes) throw TooLarge($"more than {maximumBytes}", maximumBytes);
            // One byte beyond the largest body tells that there is more than may be.
            if (length == capacity) capacity = Grow(capacity, (int)Math.Min(2L * capacity, maximumBytes + 1));
            int read =
                await request.Body.ReadAsync(buffer.AsMemory(start + length, capacity - length), cancellationToken);
            if (read == 0) return;
            length += read;
        }
    }

    private int Grow(int capacity, int next)
    {
        reserved += gate.Reserve(next - capacity);
        byte[] larger = ArrayPool<byte>.Shared.Rent(start + next);
        buffer.AsSpan(0, start + length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
        return next;
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
