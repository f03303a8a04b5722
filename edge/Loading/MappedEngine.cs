using System.Buffers;
using System.IO.MemoryMappedFiles;

namespace Pipeline.Edge.Loading;

/// <summary>
/// An engine file as memory, mapped from the file that stays open: what its path names later does not matter. Not a byte
/// of it is in managed memory.
/// </summary>
internal sealed unsafe class MappedEngine : MemoryManager<byte>
{
    /// <summary>What one span can show.</summary>
    public const long SizeBytesMaximum = int.MaxValue;

    private readonly FileStream file;
    private readonly MemoryMappedFile map;
    private readonly MemoryMappedViewAccessor view;
    private readonly int length;
    private byte* pointer;

    /// <param name="file">Open for reading, not empty, at most <see cref="SizeBytesMaximum"/> long; taken over.</param>
    public MappedEngine(FileStream file)
    {
        this.file = file;
        length = checked((int)file.Length);
        map = MemoryMappedFile.CreateFromFile(
            file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        view = map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
    }

    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(pointer is null, this);
        return new Span<byte>(pointer, length);
    }

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ObjectDisposedException.ThrowIf(pointer is null, this);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)length);
        return new MemoryHandle(pointer + elementIndex, pinnable: this);
    }

    public override void Unpin()
    {
        // A mapped view does not move.
    }

    protected override void Dispose(bool disposing)
    {
        if (pointer is null) return;
        pointer = null;
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        map.Dispose();
        file.Dispose();
    }
}
