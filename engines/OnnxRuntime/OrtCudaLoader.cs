using System.Collections.Immutable;
using Pipeline.Engines.Cuda;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>Loads engines onto a CUDA device: as they were gated, with graphs where they are wished and can be.</summary>
internal sealed class OrtCudaLoader(OrtLibrary library, OnnxRuntimeOptions options)
{
    /// <summary>What ONNX Runtime says of a model that it cannot capture.</summary>
    private const string CannotCapture = "graph capture feature";

    /// <exception cref="EngineException">LoadFailed, OutOfMemory, ProviderUnavailable or UnsupportedTensor.</exception>
    public IEngine Load(ReadOnlyMemory<byte> engine, CancellationToken cancellationToken)
    {
        // Others may allocate while this loads, but nobody may capture.
        CaptureGate.Enter(alone: false);
        try
        {
            if (!CudaOptions.WantsGraphs(options)) return Open(engine, graphs: false, "", cancellationToken);
            try
            {
                return Open(engine, graphs: true, ", CUDA graphs", cancellationToken);
            }
            catch (EngineException e) when (e.Message.Contains(CannotCapture, StringComparison.OrdinalIgnoreCase))
            {
                return Open(engine, graphs: false, $", no CUDA graphs: {e.Message}", cancellationToken);
            }
        }
        catch (CudaException e)
        {
            throw OrtCudaErrors.From(e);
        }
        finally
        {
            CaptureGate.Leave(alone: false);
        }
    }

    private OnnxRuntimeCudaEngine Open(ReadOnlyMemory<byte> engine, bool graphs, string note, CancellationToken cancellationToken)
    {
        int device = OrtTargets.Ordinal(options) ?? 0;
        ImmutableSortedDictionary<string, string> cuda =
            CudaOptions.Merge(options.SortedProviderOptions, Tf32Mark.IsOn(engine.Span), graphs);
        if (CudaOptions.IsOn(cuda[CudaOptions.Tf32])) note = $", TF32{note}";
        CudaDevices.Use(device);
        var stream = new CudaStream();
        OrtSessionHandle? opened = null;
        try
        {
            using OrtSessionOptionsHandle session = OrtSessions.CreateOptions(library, options, cuda, stream.DangerousGetHandle());
            library.Api.SetGraphOptimizationLevel(session, OrtOptimization.All);
            opened = OrtSessions.Open(library, engine, session, cancellationToken);
            OrtMemoryInfoHandle memory = library.Api.CreateMemoryInfo(OrtCuda.MemoryName, device);
            var shared = new OrtCuda(library, opened, stream, memory, device, graphs);
            return new OnnxRuntimeCudaEngine(shared, options, $"ort-{library.Version}-{options.Provider}{note}");
        }
        catch
        {
            opened?.Dispose();
            stream.Dispose();
            throw;
        }
    }
}
