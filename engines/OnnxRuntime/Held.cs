using System.Runtime.InteropServices;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>
/// Keeps a native object alive for the length of a call, as the marshaller does for imported functions.
/// </summary>
internal readonly ref struct Held
{
    private readonly SafeHandle handle;

    public Held(SafeHandle handle)
    {
        bool added = false;
        handle.DangerousAddRef(ref added);
        this.handle = handle;
    }

    public nint Value => handle.DangerousGetHandle();

    public void Dispose() => handle.DangerousRelease();
}

/// <summary>A zero-terminated copy of a text in native memory.</summary>
internal readonly unsafe ref struct NativeText
{
    private readonly nint memory;

    private NativeText(nint memory) => this.memory = memory;

    public byte* Pointer => (byte*)memory;

    public static NativeText Utf8(string text) => new(Marshal.StringToCoTaskMemUTF8(text));

    /// <summary>A path as ORTCHAR_T: UTF-16 on Windows, UTF-8 elsewhere.</summary>
    public static NativeText FilePath(string path) => new(AllocateFilePath(path));

    /// <summary>As <see cref="FilePath"/>, for the caller to free with FreeCoTaskMem.</summary>
    public static nint AllocateFilePath(string path) =>
        OperatingSystem.IsWindows() ? Marshal.StringToCoTaskMemUni(path) : Marshal.StringToCoTaskMemUTF8(path);

    public void Dispose() => Marshal.FreeCoTaskMem(memory);
}
