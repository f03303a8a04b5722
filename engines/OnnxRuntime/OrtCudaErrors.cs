using Pipeline.Engines.Cuda;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>Turns failures of CUDA into an engine's.</summary>
internal static class OrtCudaErrors
{
    public static EngineException From(CudaException e) => e.IsOutOfMemory
        ? new EngineException(EngineErrorKind.OutOfMemory, $"The device's memory does not suffice: {e.Message}.", e)
        : new EngineException(EngineErrorKind.RunFailed, $"The device failed: {e.Message}.", e);
}
