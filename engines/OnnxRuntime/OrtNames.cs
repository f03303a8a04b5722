using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Pipeline.Core.Builds;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>Names of tensors as a native array of native texts, made once an engine.</summary>
internal sealed unsafe class OrtNames : SafeHandle
{
    private readonly int count;

    public OrtNames(ImmutableArray<TensorDescription> tensors)
        : base(0, ownsHandle: true)
    {
        count = tensors.Length;
        SetHandle((nint)NativeMemory.AllocZeroed((nuint)Math.Max(1, count), (nuint)sizeof(nint)));
        for (int i = 0; i < count; i++) Pointers[i] = Marshal.StringToCoTaskMemUTF8(tensors[i].Name);
    }

    public override bool IsInvalid => handle == 0;

    public nint* Pointers => (nint*)handle;

    protected override bool ReleaseHandle()
    {
        for (int i = 0; i < count; i++) Marshal.FreeCoTaskMem(Pointers[i]);
        NativeMemory.Free(Pointers);
        return true;
    }
}
