using System.Runtime.InteropServices;

namespace Pipeline.Engines.TensorRt.Native;

/// <summary>
/// The shim of this process: one, since its functions are bound to one library, and two majors of TensorRT in one process share
/// symbols that they must not. It stays loaded until the process ends.
/// </summary>
internal static unsafe class ShimLibrary
{
    /// <summary>ENGINE_ABI_VERSION of the header that this code was written for.</summary>
    public const int AbiVersion = 1;

    private static readonly Lock Gate = new();
    private static string? used;

    /// <summary>Makes the library at a path the shim of this process.</summary>
    /// <exception cref="EngineException">LibraryMissing or LibraryIncompatible; also when this process has another shim.</exception>
    public static void Use(string path)
    {
        lock (Gate)
        {
            if (used == path) return;
            if (used is not null) throw Refused(path, $"this process works with '{used}'");
            nint library = Open(path);
            // Only the double has this: it is the CUDA libraries as well, so that all code above runs on it unchanged.
            bool isDouble = NativeLibrary.TryGetExport(library, "engine_double_program", out _);
            if (!NativeLibraries.TryUseShim(library, isDouble))
            {
                NativeLibrary.Free(library);
                throw Refused(path, "this process works with a real GPU already");
            }

            used = path;
        }
    }

    /// <summary>Loads a library and asks whether it is a shim of this version.</summary>
    /// <exception cref="EngineException">LibraryMissing or LibraryIncompatible.</exception>
    internal static nint Open(string path)
    {
        nint library;
        try
        {
            library = NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new EngineException(EngineErrorKind.LibraryMissing, $"The TensorRT shim '{path}' does not load: {e.Message}", e);
        }

        string? wrong = !NativeLibrary.TryGetExport(library, "engine_abi_version", out nint function)
            ? "is no TensorRT shim: it does not export engine_abi_version."
            : ((delegate* unmanaged<int>)function)() is var version && version != AbiVersion
                ? $"speaks version {version} of the interface; this program speaks {AbiVersion}. Use the shim of the same release."
                : null;
        if (wrong is null) return library;
        NativeLibrary.Free(library);
        throw new EngineException(EngineErrorKind.LibraryIncompatible, $"'{path}' {wrong}");
    }

    private static EngineException Refused(string path, string why) => new(
        EngineErrorKind.LibraryIncompatible, $"'{path}' cannot be used: {why}, and takes no second one. Start a process for it.");
}
