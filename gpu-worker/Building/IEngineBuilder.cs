using Pipeline.Engines;

namespace Pipeline.GpuWorker.Building;

/// <summary>Builds engine files, each loaded once from its bytes. One build at a time.</summary>
internal interface IEngineBuilder
{
    /// <summary>Whatever happens, the engine's path is either a complete engine that loads or not there.</summary>
    /// <exception cref="EngineException">The model does not build, its engine does not load, or the build crashed.</exception>
    /// <exception cref="IOException">Trouble that is not the model's, such as a full disk: worth another try.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing of the build goes on.</exception>
    Task<BuiltEngine> BuildAsync(EngineBuildOptions options, CancellationToken cancellationToken);
}
