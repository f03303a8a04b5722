using Pipeline.Engines;

namespace Pipeline.Bench.Serving;

/// <summary>Engines built for a measurement.</summary>
internal static class EngineFiles
{
    public static byte[] Build(
        IEngineBackend backend, string modelPath, string folder, CancellationToken cancellationToken)
    {
        string path = Path.Combine(folder, $"{Guid.NewGuid():N}.engine");
        backend.Build(new EngineBuildOptions { ModelPath = modelPath, EnginePath = path }, cancellationToken);
        return File.ReadAllBytes(path);
    }
}
