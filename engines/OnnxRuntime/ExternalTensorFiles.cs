using System.IO.MemoryMappedFiles;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>
/// The external tensor files of a model, mapped for the length of a build. Without them the optimized model would go on
/// pointing at files that are not beside the engine.
/// </summary>
internal sealed unsafe class ExternalTensorFiles : IDisposable
{
    private readonly List<MappedFile> files = [];

    public int Count => files.Count;

    /// <exception cref="EngineException">
    /// BuildFailed: a file is outside the model's folder, missing or empty.
    /// </exception>
    public static ExternalTensorFiles Map(EngineBuildOptions options)
    {
        var mapped = new ExternalTensorFiles();
        try
        {
            foreach (string location in options.ExternalData) mapped.Add(options.ModelPath, location);
            return mapped;
        }
        catch
        {
            mapped.Dispose();
            throw;
        }
    }

    public string Location(int index) => files[index].Location;

    public long SizeBytes(int index) => files[index].SizeBytes;

    /// <summary>Valid until this object is disposed.</summary>
    public byte* Data(int index)
    {
        byte* data = null;
        files[index].View.SafeMemoryMappedViewHandle.AcquirePointer(ref data);
        files[index].View.SafeMemoryMappedViewHandle.ReleasePointer();
        return data;
    }

    public void Dispose()
    {
        foreach (MappedFile mapped in files)
        {
            mapped.View.Dispose();
            mapped.File.Dispose();
        }
    }

    private void Add(string modelPath, string location)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(modelPath))! + Path.DirectorySeparatorChar;
        string path = Path.GetFullPath(Path.Combine(folder, location));
        if (!path.StartsWith(folder, StringComparison.Ordinal))
        {
            throw Failed($"External data '{location}' is outside the model's folder.");
        }

        var info = new FileInfo(path);
        if (!info.Exists || info.Length == 0)
        {
            string state = info.Exists ? "empty" : "missing";
            throw Failed($"External data '{location}' is {state}; upload it beside the model.");
        }

        MemoryMappedFile file = MemoryMappedFile.CreateFromFile(
            path, FileMode.Open, mapName: null, capacity: 0, MemoryMappedFileAccess.Read);
        files.Add(new(location, file, file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read), info.Length));
    }

    private static EngineException Failed(string message) => new(EngineErrorKind.BuildFailed, message);

    private sealed record MappedFile(
        string Location, MemoryMappedFile File, MemoryMappedViewAccessor View, long SizeBytes);
}
