using System.Runtime.InteropServices;

namespace Pipeline.Engines.TensorRt.Native;

/// <summary>Finds the shim. Always a full path, and always the file of one major: their tables of methods differ.</summary>
internal static class ShimLibraryPath
{
    /// <param name="appFolder">
    /// The program's folder: looked in itself, in its runtimes, and for artifacts/native in every folder above.
    /// </param>
    /// <exception cref="EngineException">LibraryMissing, with what was tried and how to get it.</exception>
    public static string Find(string? explicitPath, TensorRtRuntime runtime, string appFolder)
    {
        if (!string.IsNullOrEmpty(explicitPath))
        {
            string full = Path.GetFullPath(explicitPath);
            return File.Exists(full)
                ? full
                : throw Missing(runtime, $"setting '{TensorRtOptions.Section}:LibraryPath' names '{full}', which does not exist");
        }

        string name = runtime.LibraryFile;
        string[] beside =
        [
            Path.Combine(appFolder, name),
            Path.Combine(appFolder, "runtimes", RuntimeInformation.RuntimeIdentifier, "native", name),
        ];
        if (beside.FirstOrDefault(File.Exists) is { } found) return found;
        for (DirectoryInfo? folder = new(appFolder); folder is not null; folder = folder.Parent)
        {
            string built = Path.Combine(folder.FullName, "artifacts", "native", name);
            if (File.Exists(built)) return built;
        }

        throw Missing(runtime, $"'{name}' is neither in '{appFolder}' nor in artifacts/native above it");
    }

    private static EngineException Missing(TensorRtRuntime runtime, string why) => new(
        EngineErrorKind.LibraryMissing,
        runtime.IsSimulated
            ? $"The TensorRT double is missing: {why}. './pipeline' builds it where cmake and a C++ compiler are."
            : $"The TensorRT {runtime.Major} shim is missing: {why}. Build it with 'cmake -S native -B artifacts/native/build "
                + $"-DTENSORRT_INCLUDE=DIR', or set '{TensorRtOptions.Section}:LibraryPath' (environment variable "
                + $"{TensorRtOptions.Section}__LibraryPath) to the library's full path.");
}
