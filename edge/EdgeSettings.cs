using Pipeline.Engines;
using Pipeline.Engines.OnnxRuntime;
using Pipeline.Engines.TensorRt;

namespace Pipeline.Edge;

/// <summary>Reads the settings and fills in what this machine itself can say.</summary>
internal static class EdgeSettings
{
    /// <summary>The backend of the runtime that the settings name; by default ONNX Runtime on its configured provider.</summary>
    public static IEngineBackend CreateBackend(IConfiguration configuration) => EngineBackends.Create(
        configuration[$"{EdgeOptions.Section}:{nameof(EdgeOptions.Runtime)}"] ?? "",
        ReadRuntime(configuration),
        configuration.GetSection(TensorRtOptions.Section).Get<TensorRtOptions>() ?? new());

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
    public static EdgeOptions? Read(IConfiguration configuration, BackendProbe machine, out IReadOnlyList<string> faults)
    {
        EdgeOptions options = configuration.GetSection(EdgeOptions.Section).Get<EdgeOptions>() ?? new EdgeOptions();
        List<string> found = [];
        if (options.Target is not "" && options.Targets.Count > 0)
            found.Add("'Edge:Target' and 'Edge:Targets' are both set; keep one of them.");
        string[] asked =
            [.. (options.Target is not "" ? [options.Target] : options.Targets.Count > 0 ? options.Targets : machine.Targets).Distinct()];
        options = options with
        {
            // In the machine's own order, whatever the settings': the closest is the narrowest.
            Targets = [.. machine.Targets.Where(asked.Contains)],
            Target = machine.Targets.FirstOrDefault(asked.Contains, asked.FirstOrDefault("")),
            Runtime = options.Runtime is "" ? machine.Runtime ?? "" : options.Runtime,
        };
        found.AddRange(options.Faults());
        found.AddRange(asked.DefaultIfEmpty("")
            .Select(t => machine.CanRun(options.LaneOn(t))?.Reason).OfType<string>().Distinct());
        faults = found;
        return found.Count == 0 ? options : null;
    }
}
