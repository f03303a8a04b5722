using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Engines.Cuda;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>The targets that an execution provider runs on this machine.</summary>
internal static class OrtTargets
{
    public const string DeviceOption = "device_id";

    /// <exception cref="EngineException">ProviderUnavailable: there is no such GPU.</exception>
    public static ImmutableArray<string> Find(OnnxRuntimeOptions options)
    {
        // An unknown provider is refused where sessions are made, with the known ones in the sentence.
        if (options.Provider is not (OrtSessions.Cuda or OrtSessions.WebGpu)) return MachineTargets.Processor;
        CudaDevices found = CudaDevices.Find();
        if (found.Problem is { } problem) throw Unavailable(options, problem);
        if (found.IsSimulated) throw Unavailable(options, "The one that this process works with is simulated.");
        string text = options.ProviderOptions.GetValueOrDefault(DeviceOption, "0");
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int ordinal) && ordinal < found.Devices.Length
            ? found.Devices[ordinal].Targets
            : throw Unavailable(options, $"'{DeviceOption}' is '{text}'; there are {found.Devices.Length} GPUs.");
    }

    private static EngineException Unavailable(OnnxRuntimeOptions options, string why) => new(
        EngineErrorKind.ProviderUnavailable, $"Execution provider '{options.Provider}' has no GPU here. {why}");
}
