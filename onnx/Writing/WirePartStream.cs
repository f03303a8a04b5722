namespace Pipeline.Onnx.Writing;

/// <summary>
/// Reads parts one after another, forward only; payloads are produced straight into the caller's buffer.
/// </summary>
internal sealed class WirePartStream(IReadOnlyList<WirePart> parts) : Stream
{
    private int index;
    private long offset;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        int written = 0;
        while (written < buffer.Length && index < parts.Count)
        {
            WirePart part = parts[index];
            int size = (int)Math.Min(part.Length - offset, buffer.Length - written);
            Span<byte> target = buffer.Slice(written, size);
            if (part.Fill is null) part.Bytes.Span.Slice((int)offset, size).CopyTo(target);
            else part.Fill(offset, target);
            written += size;
            offset += size;
            if (offset < part.Length) continue;
            index++;
            offset = 0;
        }

        return written;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(Read(buffer.Span));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
