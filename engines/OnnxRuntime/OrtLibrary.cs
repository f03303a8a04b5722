using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>
/// The loaded native library: its table of functions, its version and the one environment of the process. It stays
/// loaded until the process ends, since ONNX Runtime's threads outlive any owner that could unload it.
/// </summary>
internal sealed class OrtLibrary
{
    /// <summary>The oldest table that has every function used here (where a session wants its inputs came with 1.23).</summary>
    private const uint ApiVersion = 23;

    private static readonly ConcurrentDictionary<string, Lazy<OrtLibrary>> Loaded = new(StringComparer.Ordinal);

    private OrtLibrary(string path, string version, OrtApi api)
    {
        (Path, Version, Api) = (path, version, api);
        Env = api.CreateEnv();
        CpuMemory = api.CreateCpuMemoryInfo();
    }

    public string Path { get; }

    /// <summary>Such as <c>1.29.0</c>.</summary>
    public string Version { get; }

    public OrtApi Api { get; }

    public OrtEnvHandle Env { get; }

    public OrtMemoryInfoHandle CpuMemory { get; }

    /// <summary>Loads the library once a process and path.</summary>
    /// <exception cref="EngineException">LibraryMissing or LibraryIncompatible.</exception>
    public static OrtLibrary Get(string? explicitPath)
    {
        string path = OrtLibraryPath.Find(explicitPath, AppContext.BaseDirectory);
        return Loaded.GetOrAdd(path, static p => new(() => Load(p))).Value;
    }

    private static unsafe OrtLibrary Load(string path)
    {
        nint library;
        try
        {
            library = NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new EngineException(
                EngineErrorKind.LibraryMissing, $"The ONNX Runtime library '{path}' does not load: {e.Message}", e);
        }

        if (!NativeLibrary.TryGetExport(library, "OrtGetApiBase", out nint getApiBase))
        {
            throw new EngineException(
                EngineErrorKind.LibraryIncompatible,
                $"'{path}' is not ONNX Runtime: it does not export OrtGetApiBase.");
        }

        // OrtApiBase is two functions: the table for a version, and the library's version as text.
        nint* apiBase = ((delegate* unmanaged<nint*>)getApiBase)();
        string version = Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<byte*>)apiBase[1])()) ?? "";

        // Asking for a table that the library lacks makes it complain on stderr, so the version is read first.
        bool known = System.Version.TryParse(version, out Version? parsed) && parsed >= new Version(1, (int)ApiVersion);
        nint* table = known ? ((delegate* unmanaged<uint, nint*>)apiBase[0])(ApiVersion) : null;
        if (table is null)
        {
            throw new EngineException(
                EngineErrorKind.LibraryIncompatible,
                $"The ONNX Runtime library '{path}' is version '{version}'; " +
                $"version 1.{ApiVersion} or newer is needed.");
        }

        return new OrtLibrary(path, version, new OrtApi(table));
    }
}
