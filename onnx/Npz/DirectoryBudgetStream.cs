namespace Pipeline.Onnx.Npz;

/// <summary>
/// Passes reads on, but only so many bytes until the budget is lifted. ZipArchive reads a whole directory before it
/// tells how many entries there are; a hostile one would fill the memory with them.
/// </summary>
internal sealed class DirectoryBudgetStream(Stream inner, long budget) : Stream
{
    private long left = budget;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.Position;
        set => inner.Position = value;
    }

    public void Lift() => left = long.MaxValue;

    public override int Read(Span<byte> buffer)
    {
        int read = inner.Read(buffer);
        left -= read;
        return left >= 0
            ? read
            : throw new NpzFaultException("The npz file's directory is too large; save fewer arrays.");
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
