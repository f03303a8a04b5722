using System.Buffers;
using System.Runtime.InteropServices;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>
/// An input for the length of a run: the caller's memory pinned under a native value. Data that starts off its element
/// size (a slice of a request's body) is copied, since native kernels may assume alignment.
/// </summary>
internal unsafe struct BorrowedInput
{
    private const nuint Alignment = 64;

    private MemoryHandle pin;
    private void* copy;

    /// <summary>The native value.</summary>
    public nint Value { get; private set; }

    public static BorrowedInput Borrow(OrtLibrary library, Tensor tensor)
    {
        var borrowed = new BorrowedInput { pin = tensor.Data.Pin() };
        void* data = borrowed.pin.Pointer;
        if (tensor.Data.IsEmpty || (nuint)data % (nuint)tensor.ElementType.SizeBytes() != 0)
        {
            int size = tensor.Data.Length;
            borrowed.copy = NativeMemory.AlignedAlloc((nuint)Math.Max(1, size), Alignment);
            tensor.Data.Span.CopyTo(new Span<byte>(borrowed.copy, size));
            data = borrowed.copy;
        }

        OrtStatus status = library.Api.CreateTensor(
            library.CpuMemory, data, tensor.Data.Length, tensor.Shape.AsSpan(), tensor.ElementType, out nint value);
        borrowed.Value = value;
        if (!status.IsOk)
        {
            borrowed.Return(library.Api);
            status.ThrowIfFailed(EngineErrorKind.InvalidInput, $"Input '{tensor.Name}' is no tensor to the runtime");
        }

        return borrowed;
    }

    public void Return(OrtApi api)
    {
        if (Value != 0) api.ReleaseValue(Value);
        NativeMemory.AlignedFree(copy);
        pin.Dispose();
        this = default;
    }
}
