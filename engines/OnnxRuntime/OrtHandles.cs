using System.Runtime.InteropServices;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>A native object of ONNX Runtime: knows the table function that releases it.</summary>
internal abstract class OrtHandle : SafeHandle
{
    private readonly OrtApi api;
    private readonly OrtFunction release;

    protected OrtHandle(OrtApi api, OrtFunction release, nint value)
        : base(0, ownsHandle: true)
    {
        (this.api, this.release) = (api, release);
        SetHandle(value);
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        api.Release(release, handle);
        return true;
    }
}

internal sealed class OrtEnvHandle(OrtApi api, nint value) : OrtHandle(api, OrtFunction.ReleaseEnv, value);

internal sealed class OrtSessionOptionsHandle(OrtApi api, nint value)
    : OrtHandle(api, OrtFunction.ReleaseSessionOptions, value);

internal sealed class OrtSessionHandle(OrtApi api, nint value) : OrtHandle(api, OrtFunction.ReleaseSession, value)
{
    private readonly List<SafeHandle> kept = [];

    /// <summary>Takes over what must outlive the native session, such as the stream that it computes on.</summary>
    public void Keep(SafeHandle handle)
    {
        // Counted, so that the handle's own finalizer cannot come first.
        bool added = false;
        handle.DangerousAddRef(ref added);
        kept.Add(handle);
    }

    protected override bool ReleaseHandle()
    {
        bool released = base.ReleaseHandle();
        foreach (SafeHandle handle in kept)
        {
            handle.Dispose();
            handle.DangerousRelease();
        }

        return released;
    }
}

internal sealed class OrtRunOptionsHandle(OrtApi api, nint value)
    : OrtHandle(api, OrtFunction.ReleaseRunOptions, value);

internal sealed class OrtAllocatorHandle(OrtApi api, nint value) : OrtHandle(api, OrtFunction.ReleaseAllocator, value);

internal sealed class OrtBindingHandle(OrtApi api, nint value) : OrtHandle(api, OrtFunction.ReleaseIoBinding, value);

internal sealed class OrtTypeInfoHandle(OrtApi api, nint value) : OrtHandle(api, OrtFunction.ReleaseTypeInfo, value);

internal sealed class OrtMemoryInfoHandle(OrtApi api, nint value)
    : OrtHandle(api, OrtFunction.ReleaseMemoryInfo, value);

internal sealed class OrtCudaOptionsHandle(OrtApi api, nint value)
    : OrtHandle(api, OrtFunction.ReleaseCudaProviderOptions, value);

/// <summary>The values that one run gave: one handle for all of them, since they live and die together.</summary>
internal sealed class OrtValuesHandle : SafeHandle
{
    private readonly OrtApi api;
    private readonly nint[] values;

    /// <param name="values">Null pointers are skipped.</param>
    public OrtValuesHandle(OrtApi api, nint[] values)
        : base(0, ownsHandle: true)
    {
        (this.api, this.values) = (api, values);
        SetHandle(1);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>The places of the values; a run fills them.</summary>
    public nint[] Values => values;

    protected override bool ReleaseHandle()
    {
        foreach (nint value in values)
        {
            if (value != 0) api.Release(OrtFunction.ReleaseValue, value);
        }

        return true;
    }
}
