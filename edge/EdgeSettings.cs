using Pipeline.Engines;
using Pipeline.Engines.OnnxRuntime;

namespace Pipeline.Edge;

/// <summary>Reads the settings and fills in what this machine itself can say.</summary>
internal static class EdgeSettings
{
    /// <summary>
    /// The runtime's own settings, with the threads that the edge asks for. Idle threads spin only when the settings
    /// say so: here they would take the processor from the requests that are being read and answered.
    /// </summary>
    public static OnnxRuntimeOptions ReadRuntime(IConfiguration configuration)
    {
        OnnxRuntimeOptions runtime =
            configuration.GetSection(OnnxRuntimeOptions.Section).Get<OnnxRuntimeOptions>() ?? new();
        int threads = configuration.GetValue<int>($"{EdgeOptions.Section}:{nameof(EdgeOptions.IntraOpThreads)}");
        bool spinning =
            configuration.GetValue<bool>($"{OnnxRuntimeOptions.Section}:{nameof(OnnxRuntimeOptions.Spinning)}");
        return runtime with
        {
            IntraOpThreads = threads > 0 ? threads : runtime.IntraOpThreads,
            Spinning = spinning,
        };
    }

    /// <summary>The settings, complete; null when they are wrong, each fault a sentence.</summary>
    public static EdgeOptions? Read(
        IConfiguration configuration, IEngineBackend backend, out IReadOnlyList<string> faults)
    {
        EdgeOptions options = configuration.GetSection(EdgeOptions.Section).Get<EdgeOptions>() ?? new EdgeOptions();
        BackendProbe probe = backend.Probe();
        options = options with
        {
            Target = options.Target is "" ? probe.Targets.FirstOrDefault("") : options.Target,
            Runtime = options.Runtime is "" ? probe.Runtime ?? "" : options.Runtime,
        };
        List<string> found = [.. options.Faults()];
        if (probe.CanRun(options.Lane) is { } refusal) found.Add(refusal.Reason);
        faults = found;
        return found.Count == 0 ? options : null;
    }
}
