using System.Runtime.InteropServices;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>
/// Finds the native library. Always a full path: a bare name could bring in another version that the system has
/// somewhere.
/// </summary>
internal static class OrtLibraryPath
{
    /// <param name="appFolder">
    /// The program's folder: looked in itself, and for node_modules in every folder above.
    /// </param>
    /// <exception cref="EngineException">LibraryMissing, with what was tried and how to get it.</exception>
    public static string Find(string? explicitPath, string appFolder)
    {
        if (!string.IsNullOrEmpty(explicitPath))
        {
            string full = Path.GetFullPath(explicitPath);
            return File.Exists(full)
                ? full
                : throw Missing(
                    $"setting '{OnnxRuntimeOptions.Section}:LibraryPath' names '{full}', which does not exist");
        }

        string[] names = FileNames();
        foreach (string name in names)
        {
            string beside = Path.Combine(appFolder, name);
            if (File.Exists(beside)) return beside;
        }

        for (DirectoryInfo? folder = new(appFolder); folder is not null; folder = folder.Parent)
        {
            string package = Path.Combine(
                folder.FullName, "node_modules", "onnxruntime-node", "bin", "napi-v6", Platform());
            string? found = names.Select(name => Path.Combine(package, name)).FirstOrDefault(File.Exists);
            if (found is not null) return found;
        }

        throw Missing($"'{names[0]}' is neither in '{appFolder}' nor in a node_modules above it");
    }

    private static EngineException Missing(string why) => new(
        EngineErrorKind.LibraryMissing,
        $"The ONNX Runtime library is missing: {why}. Run 'npm ci --ignore-scripts' in the repository, or set " +
        $"'{OnnxRuntimeOptions.Section}:LibraryPath' (environment variable " +
        $"{OnnxRuntimeOptions.Section}__LibraryPath) to the library's full path.");

    private static string[] FileNames() =>
        OperatingSystem.IsWindows() ? ["onnxruntime.dll"]
        : OperatingSystem.IsMacOS() ? ["libonnxruntime.1.dylib", "libonnxruntime.dylib"]
        : ["libonnxruntime.so.1", "libonnxruntime.so"];

    private static string Platform()
    {
        string system = OperatingSystem.IsWindows() ? "win32" : OperatingSystem.IsMacOS() ? "darwin" : "linux";
        string processor = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64";
        return Path.Combine(system, processor);
    }
}
