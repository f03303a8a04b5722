using System.Runtime.InteropServices;

namespace Pipeline.Edge.Batching;

/// <summary>
/// Native memory that native kernels read and write directly: it never moves, starts on a cache line, and only grows until
/// it is trimmed. One owner, one thread at a time.
/// </summary>
internal sealed unsafe class AlignedMemory : IDisposable
{
    private const int Alignment = 64;
    private const int Step = 4096;

    private byte* pointer;

    ~AlignedMemory() => NativeMemory.AlignedFree(pointer);

    public int Capacity { get; private set; }

    public nint Address => (nint)pointer;

    /// <summary>A part of what was reserved.</summary>
    public Span<byte> Span(int offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)offset + (ulong)(uint)length, (ulong)Capacity, nameof(length));
        return new Span<byte>(pointer + offset, length);
    }

    /// <summary>Makes room for so many bytes; the first <paramref name="kept"/> stay as they are.</summary>
    public void Reserve(int bytes, int kept = 0)
    {
        if (bytes <= Capacity) return;
        int rounded = (int)Math.Min(((long)bytes + Step - 1) / Step * Step, int.MaxValue);
        byte* larger = (byte*)NativeMemory.AlignedAlloc((nuint)rounded, Alignment);
        new ReadOnlySpan<byte>(pointer, Math.Min(kept, Capacity)).CopyTo(new Span<byte>(larger, rounded));
        NativeMemory.AlignedFree(pointer);
        pointer = larger;
        Capacity = rounded;
    }

    /// <summary>The next offset that any element type may start on.</summary>
    public static int Align(int offset) => checked((offset + Alignment - 1) / Alignment * Alignment);

    /// <summary>Gives the memory back; what is reserved next starts anew.</summary>
    public void Trim()
    {
        NativeMemory.AlignedFree(pointer);
        pointer = null;
        Capacity = 0;
    }

    public void Dispose()
    {
        Trim();
        GC.SuppressFinalize(this);
    }
}
