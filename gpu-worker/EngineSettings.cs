using System.Globalization;
using Microsoft.Extensions.Configuration;
using Pipeline.Engines;
using Pipeline.Engines.OnnxRuntime;
using Pipeline.Engines.TensorRt;

namespace Pipeline.GpuWorker;

/// <summary>The sections <c>OnnxRuntime</c> and <c>TensorRt</c>: how backends are made here.</summary>
internal sealed record EngineSettings(OnnxRuntimeOptions OnnxRuntime, TensorRtOptions TensorRt)
{
    // As CUDA's and WebGPU's options name it.
    private const string DeviceOption = "device_id";

    /// <exception cref="InvalidOperationException">A value is not of its setting's type; the message names it.</exception>
    public static EngineSettings Read(IConfiguration configuration) => new(
        configuration.GetSection(OnnxRuntimeOptions.Section).Get<OnnxRuntimeOptions>() ?? new(),
        configuration.GetSection(TensorRtOptions.Section).Get<TensorRtOptions>() ?? new());

    /// <summary>For programs without a host: the environment's variables.</summary>
    /// <exception cref="InvalidOperationException">As <see cref="Read"/>.</exception>
    public static EngineSettings ReadEnvironment() => Read(new ConfigurationBuilder().AddEnvironmentVariables().Build());

    /// <summary>With threads of one inference of the processor; 0 leaves what the sections say.</summary>
    public EngineSettings WithThreads(int threads) =>
        threads > 0 ? this with { OnnxRuntime = OnnxRuntime with { IntraOpThreads = threads } } : this;

    public IEngineBackend CreateBackend(string runtime) => EngineBackends.Create(runtime, OnnxRuntime, TensorRt);

    /// <summary>Ordinal of the GPU that engines of the runtime use.</summary>
    public int DeviceOf(string runtime)
    {
        if (runtime.StartsWith("trt-", StringComparison.Ordinal)) return TensorRt.Device;
        string text = OnnxRuntime.ProviderOptions.GetValueOrDefault(DeviceOption, "0");
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int ordinal) ? ordinal : 0;
    }
}
