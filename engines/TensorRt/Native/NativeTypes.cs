using System.Runtime.InteropServices;

namespace Pipeline.Engines.TensorRt.Native;

// The structs of native/include/engine_abi.h, read together and laid out as the C compiler does; a test holds them against it.

/// <summary>engine_shape.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeShape
{
    public const int DimensionsMaximum = 8;

    public int Count;
    public int Reserved;
    public fixed long Values[DimensionsMaximum];

    /// <param name="shape">At most <see cref="DimensionsMaximum"/> dimensions.</param>
    public static NativeShape Of(ReadOnlySpan<long> shape)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shape.Length, DimensionsMaximum);
        var native = new NativeShape { Count = shape.Length };
        for (int i = 0; i < shape.Length; i++) native.Values[i] = shape[i];
        return native;
    }

    /// <summary>The dimensions, however many the library claims: never beyond what there is.</summary>
    public readonly long[] ToArray()
    {
        long[] shape = new long[Math.Clamp(Count, 0, DimensionsMaximum)];
        for (int i = 0; i < shape.Length; i++) shape[i] = Values[i];
        return shape;
    }
}

/// <summary>engine_profile_input.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeProfileInput
{
    public int Profile;
    public int Reserved;
    public byte* Input;
    public NativeShape Minimum;
    public NativeShape Typical;
    public NativeShape Maximum;
}

/// <summary>engine_version.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeVersion
{
    public int Major;
    public int Minor;
    public int Patch;
    public int Build;
    public int IsSimulated;
    public int Reserved;
}

/// <summary>engine_build_options.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeBuildOptions
{
    public uint Size;
    public BuildFlags Flags;
    public byte* ModelPath;
    public NativeProfileInput* Inputs;
    public int InputCount;
    public int ProfileCount;
    public ulong WorkspaceBytes;
    public int OptimizationLevel;
    public int HardwareCompatibility;
    public void* TimingCache;
    public ulong TimingCacheBytes;
    public delegate* unmanaged<nint, int, byte*, void> Log;
    public delegate* unmanaged<nint, byte*, byte*, int, int, int> Progress;
    public nint State;
    public void* Model;
    public ulong ModelBytes;
    public ulong TacticDramBytes;
    public ulong TacticSharedMemoryBytes;
}

/// <summary>engine_tensor.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeTensor
{
    public byte* Name;
    public int Type;
    public int IsInput;
    public int IsOnHost;
    public int Reserved;
    public NativeShape Shape;
}
