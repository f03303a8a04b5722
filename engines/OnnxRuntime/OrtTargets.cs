using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Engines.Cuda;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>The targets that an execution provider runs on this machine.</summary>
internal static class OrtTargets
{
    /// <exception cref="EngineException">ProviderUnavailable: there is no such GPU.</exception>
    public static ImmutableArray<string> Find(OnnxRuntimeOptions options)
    {
        // An unknown provider is refused where sessions are made, with the known ones in the sentence.
        if (options.Provider is not (OrtSessions.Cuda or OrtSessions.WebGpu)) return MachineTargets.Processor;
        CudaDevices found = CudaDevices.Find();
        if (found.Problem is { } problem) throw Unavailable(options, problem);
        if (found.IsSimulated) throw Unavailable(options, "The one that this process works with is simulated.");
        return Ordinal(options) is { } ordinal && ordinal < found.Devices.Length
            ? found.Devices[ordinal].Targets
            : throw Unavailable(options, $"'{CudaOptions.Device}' is '{DeviceText(options)}'; there are {found.Devices.Length} GPUs.");
    }

    /// <summary>Which GPU; null when the option is no number.</summary>
    public static int? Ordinal(OnnxRuntimeOptions options) =>
        int.TryParse(DeviceText(options), NumberStyles.None, CultureInfo.InvariantCulture, out int ordinal) ? ordinal : null;

    private static string DeviceText(OnnxRuntimeOptions options) => options.ProviderOptions.GetValueOrDefault(CudaOptions.Device, "0");

    private static EngineException Unavailable(OnnxRuntimeOptions options, string why) => new(
        EngineErrorKind.ProviderUnavailable, $"Execution provider '{options.Provider}' has no GPU here. {why}");
}
