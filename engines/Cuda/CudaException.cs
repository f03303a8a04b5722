using System.Runtime.InteropServices;

namespace Pipeline.Engines.Cuda;

/// <summary>A CUDA function failed. The message names the function, CUDA's own name for the error and its sentence.</summary>
public sealed class CudaException : Exception
{
    private const int OutOfMemory = 2;

    internal CudaException(int status, string function, string name, string text)
        : base($"{function} failed: {name} ({status}), {text}") => Status = status;

    /// <summary>cudaError_t.</summary>
    public int Status { get; }

    public bool IsOutOfMemory => Status == OutOfMemory;

    /// <param name="function">What was called.</param>
    /// <exception cref="CudaException">The status is not success.</exception>
    internal static void ThrowIfFailed(int status, string function)
    {
        if (status == 0) return;
        // Also kept by CUDA for the thread, where a later call would find it.
        _ = NativeMethods.LastError();
        throw new CudaException(status, function, Text(NativeMethods.ErrorName(status)), Text(NativeMethods.ErrorText(status)));
    }

    private static string Text(nint text) => Marshal.PtrToStringUTF8(text) ?? "";
}
