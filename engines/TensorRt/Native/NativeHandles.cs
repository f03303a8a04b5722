using Microsoft.Win32.SafeHandles;

namespace Pipeline.Engines.TensorRt.Native;

// The opaque objects of the shim. They may be released in any order: an object keeps alive what it needs.

/// <summary>engine_library: TensorRT's own libraries, opened.</summary>
internal sealed class LibraryHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        ShimMethods.ReleaseLibrary(handle);
        return true;
    }
}

/// <summary>engine_plan: a plan that is loaded. Shared by threads.</summary>
internal sealed class PlanHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        ShimMethods.ReleasePlan(handle);
        return true;
    }
}

/// <summary>engine_context: what one run at a time needs. One thread at a time.</summary>
internal sealed class ContextHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        ShimMethods.ReleaseContext(handle);
        return true;
    }
}

/// <summary>engine_blob: bytes that the shim made.</summary>
internal sealed class BlobHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    /// <summary>Bytes in it.</summary>
    public long Length => IsInvalid ? 0 : checked((long)ShimMethods.BlobBytes(this));

    /// <summary>Writes all of it to a file that takes the place of the one at the path only when it is complete.</summary>
    public unsafe void WriteTo(string path)
    {
        string unfinished = path + ".unfinished";
        try
        {
            using (var stream = new UnmanagedMemoryStream((byte*)ShimMethods.BlobData(this), Length))
            using (FileStream file = File.Create(unfinished))
            {
                stream.CopyTo(file);
                file.Flush(flushToDisk: true);
            }

            File.Move(unfinished, path, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    protected override bool ReleaseHandle()
    {
        ShimMethods.ReleaseBlob(handle);
        return true;
    }
}
