using System.Collections.Concurrent;

namespace Pipeline.Engines.TensorRt.Native;

/// <summary>TensorRT's own libraries, opened once a process and folder; they stay open until it ends.</summary>
internal sealed class TensorRtLibrary
{
    private static readonly ConcurrentDictionary<string, TensorRtLibrary> Opened = new(StringComparer.Ordinal);

    private TensorRtLibrary(LibraryHandle handle, NativeVersion version)
    {
        Handle = handle;
        IsSimulated = version.IsSimulated != 0;
        Runtime = TensorRtRuntime.NameOf(version.Major, version.Minor, version.Patch, version.Build, IsSimulated);
    }

    public LibraryHandle Handle { get; }

    /// <summary>As lanes write it, of the version that the library says it is.</summary>
    public string Runtime { get; }

    public bool IsSimulated { get; }

    /// <param name="shimPath">As <see cref="ShimLibraryPath.Find"/> gave it.</param>
    /// <exception cref="EngineException">LibraryMissing or LibraryIncompatible.</exception>
    public static TensorRtLibrary Get(string shimPath, string? directory)
    {
        ShimLibrary.Use(shimPath);
        // A failure is not kept: somebody may install what was missing.
        return Opened.GetOrAdd(directory ?? "", static (_, asked) => Open(asked), directory);
    }

    private static TensorRtLibrary Open(string? directory)
    {
        ShimMethods.OpenLibrary(string.IsNullOrEmpty(directory) ? null : directory, out LibraryHandle handle)
            .ThrowIfFailed(EngineErrorKind.LibraryMissing, "TensorRT does not open");
        ShimMethods.Version(handle, out NativeVersion version)
            .ThrowIfFailed(EngineErrorKind.LibraryIncompatible, "TensorRT does not tell its version");
        return new TensorRtLibrary(handle, version);
    }
}
