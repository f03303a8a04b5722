using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Pipeline.Core.Builds;
using Pipeline.Core.Policies;
using Pipeline.Engines.TensorRt.Native;

namespace Pipeline.Engines.TensorRt.Building;

/// <summary>Shape profiles as native memory: for each profile, every input with a free dimension.</summary>
internal sealed unsafe class NativeBuildInputs : IDisposable
{
    private readonly List<nint> names = [];

    /// <param name="profiles">As ShapeProfiles.Resolve gave them.</param>
    public NativeBuildInputs(ImmutableArray<TensorDescription> inputs, ImmutableArray<ShapeProfile> profiles)
    {
        TensorDescription[] free = [.. inputs.Where(i => i.Shape.Any(d => d < 0))];
        ProfileCount = free.Length == 0 ? 0 : profiles.Length;
        Count = free.Length * ProfileCount;
        Pointer = (NativeProfileInput*)NativeMemory.AllocZeroed((nuint)Math.Max(1, Count), (nuint)sizeof(NativeProfileInput));
        foreach (TensorDescription input in free) names.Add(Marshal.StringToCoTaskMemUTF8(input.Name));
        for (int i = 0; i < Count; i++)
        {
            ShapeRange range = profiles[i / free.Length].Inputs[free[i % free.Length].Name];
            Pointer[i] = new NativeProfileInput
            {
                Profile = i / free.Length,
                Input = (byte*)names[i % free.Length],
                Minimum = NativeShape.Of(range.Minimum.AsSpan()),
                Typical = NativeShape.Of(range.Typical.AsSpan()),
                Maximum = NativeShape.Of(range.Maximum.AsSpan()),
            };
        }
    }

    public int Count { get; }

    public int ProfileCount { get; }

    public NativeProfileInput* Pointer { get; }

    public void Dispose()
    {
        foreach (nint name in names) Marshal.FreeCoTaskMem(name);
        NativeMemory.Free(Pointer);
    }
}
