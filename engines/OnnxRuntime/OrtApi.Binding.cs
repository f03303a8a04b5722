using System.Globalization;
using System.Runtime.InteropServices;
using F = Pipeline.Engines.OnnxRuntime.OrtFunction;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>Runs whose inputs and outputs stay on a device.</summary>
internal sealed unsafe partial class OrtApi
{
    /// <param name="name">Such as <c>Cuda</c>.</param>
    public OrtMemoryInfoHandle CreateMemoryInfo(string name, int device)
    {
        using NativeText text = NativeText.Utf8(name);

        // Allocator 0 (device), memory type 0 (default).
        nint info;
        Check(((delegate* unmanaged<byte*, int, int, int, nint*, nint>)At(F.CreateMemoryInfo))(text.Pointer, 0, device, 0, &info));
        return new OrtMemoryInfoHandle(this, info);
    }

    /// <summary>For each input, whether the session reads it on the host, such as a shape that a node on the processor wants.</summary>
    public bool[] InputsOnHost(OrtSessionHandle session, int count)
    {
        using var held = new Held(session);
        nint* infos = stackalloc nint[Math.Max(1, count)];
        Check(((delegate* unmanaged<nint, nint*, nint, nint>)At(F.SessionGetMemoryInfoForInputs))(held.Value, infos, count));
        bool[] onHost = new bool[count];
        for (int i = 0; i < count; i++)
        {
            nint name;
            Check(((delegate* unmanaged<nint, nint*, nint>)At(F.MemoryInfoGetName))(infos[i], &name));
            onHost[i] = Marshal.PtrToStringUTF8(name) != OrtCuda.MemoryName;
        }

        return onHost;
    }

    /// <summary>The session's own allocator of such memory.</summary>
    public OrtAllocatorHandle CreateAllocator(OrtSessionHandle session, OrtMemoryInfoHandle memory)
    {
        using var heldSession = new Held(session);
        using var heldMemory = new Held(memory);
        nint allocator;
        Check(((delegate* unmanaged<nint, nint, nint*, nint>)At(F.CreateAllocator))(
            heldSession.Value, heldMemory.Value, &allocator));
        return new OrtAllocatorHandle(this, allocator);
    }

    /// <summary>What an allocator holds of its device, in bytes; 0 when it does not count.</summary>
    public long AllocatedBytes(OrtAllocatorHandle allocator)
    {
        using var held = new Held(allocator);
        using NativeText key = NativeText.Utf8("TotalAllocated");
        nint statistics;
        Check(((delegate* unmanaged<nint, nint*, nint>)At(F.AllocatorGetStats))(held.Value, &statistics));
        if (statistics == 0) return 0;
        nint value = ((delegate* unmanaged<nint, byte*, nint>)At(F.GetKeyValue))(statistics, key.Pointer);
        string? text = Marshal.PtrToStringUTF8(value);
        Release(F.ReleaseKeyValuePairs, statistics);
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) ? bytes : 0;
    }

    public void AddRunEntry(OrtRunOptionsHandle options, string key, string value)
    {
        using var held = new Held(options);
        using NativeText keyText = NativeText.Utf8(key);
        using NativeText valueText = NativeText.Utf8(value);
        Check(((delegate* unmanaged<nint, byte*, byte*, nint>)At(F.AddRunConfigEntry))(
            held.Value, keyText.Pointer, valueText.Pointer));
    }

    public OrtBindingHandle CreateBinding(nint session)
    {
        nint binding;
        Check(((delegate* unmanaged<nint, nint*, nint>)At(F.CreateIoBinding))(session, &binding));
        return new OrtBindingHandle(this, binding);
    }

    public OrtStatus BindInput(nint binding, nint name, nint value) =>
        Read(((delegate* unmanaged<nint, nint, nint, nint>)At(F.BindInput))(binding, name, value));

    /// <summary>Has runs write an output into a value that is there.</summary>
    public OrtStatus BindOutput(nint binding, nint name, nint value) =>
        Read(((delegate* unmanaged<nint, nint, nint, nint>)At(F.BindOutput))(binding, name, value));

    /// <summary>Has the next run make the output, of whatever shape it is.</summary>
    public OrtStatus BindOutput(nint binding, nint name, OrtMemoryInfoHandle memory)
    {
        using var held = new Held(memory);
        return Read(((delegate* unmanaged<nint, nint, nint, nint>)At(F.BindOutputToDevice))(binding, name, held.Value));
    }

    public OrtStatus RunBound(nint session, nint runOptions, nint binding) =>
        Read(((delegate* unmanaged<nint, nint, nint, nint>)At(F.RunWithBinding))(session, runOptions, binding));

    /// <summary>The outputs of the last run, in the order in which they were bound. The caller releases each.</summary>
    public void ReadOutputs(nint binding, nint[] values)
    {
        nint allocator;
        Check(((delegate* unmanaged<nint*, nint>)At(F.GetAllocatorWithDefaultOptions))(&allocator));
        nint* given = null;
        nint count;
        Check(((delegate* unmanaged<nint, nint, nint**, nint*, nint>)At(F.GetBoundOutputValues))(binding, allocator, &given, &count));
        for (int i = 0; i < count; i++)
        {
            if (i < values.Length) values[i] = given[i];
            else ReleaseValue(given[i]);
        }

        if (given is not null) Check(((delegate* unmanaged<nint, nint*, nint>)At(F.AllocatorFree))(allocator, given));
    }
}
