using Pipeline.Core.Naming;
using Pipeline.Engines.OnnxRuntime;
using Pipeline.Engines.Simulation;
using Pipeline.Engines.TensorRt;

namespace Pipeline.Engines;

/// <summary>Which backend a runtime's name stands for.</summary>
public static class EngineBackends
{
    /// <summary>
    /// The backend of a runtime: <c>trt-11.1.0.106</c> (and <c>trt-11</c>) is TensorRT, <c>trt-11.1.0.106-simulated</c> a simulation of
    /// it, <c>ort-1.29.0-cuda</c> is ONNX Runtime on its provider <c>cuda</c>; an empty name is what <paramref name="onnxRuntime"/>
    /// says. Whether it is that version, and whether it works here, its probe tells.
    /// </summary>
    public static IEngineBackend Create(string runtime, OnnxRuntimeOptions onnxRuntime, TensorRtOptions tensorRt)
    {
        if (runtime.StartsWith(TensorRtRuntime.Prefix, StringComparison.Ordinal))
        {
            return Names.IsSimulated(runtime)
                ? new SimulatedBackend(runtime, tensorRt, onnxRuntime)
                : new TensorRtBackend(runtime, tensorRt, onnxRuntime);
        }

        string? provider = OnnxRuntimeOptions.Providers.FirstOrDefault(p => runtime.EndsWith($"-{p}", StringComparison.Ordinal));
        return new OnnxRuntimeBackend(provider is null ? onnxRuntime : onnxRuntime with { Provider = provider });
    }
}
