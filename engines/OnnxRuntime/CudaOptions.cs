using System.Collections.Immutable;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>The options that a CUDA session gets: defaults that serve well, and above them what the user says. Pure.</summary>
internal static class CudaOptions
{
    public const string Device = "device_id";
    public const string Tf32 = "use_tf32";
    public const string Graphs = "enable_cuda_graph";

    /// <param name="tf32">As the engine carries it; an option that the user gives wins.</param>
    /// <param name="graphs">Whether runs are captured; decided, whatever the user gives.</param>
    public static ImmutableSortedDictionary<string, string> Merge(
        ImmutableSortedDictionary<string, string> given, bool tf32, bool graphs)
    {
        var merged = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        // Every algorithm of every convolution is tried for each new shape, which takes seconds; so edges keep to one size of batches.
        // What the heuristics choose without trying gave 104 items a second instead of 2,400 (the text recognizer, FP32, an H200).
        merged["cudnn_conv_algo_search"] = "EXHAUSTIVE";
        // Doubling regions would hold up to twice what the engine needs, and admission counts what is held.
        merged["arena_extend_strategy"] = "kSameAsRequested";
        merged[Tf32] = tf32 ? "1" : "0";
        foreach ((string name, string value) in given) merged[name] = value;
        merged[Graphs] = graphs ? "1" : "0";
        return merged.ToImmutable();
    }

    /// <summary>
    /// The provider's options as engine keys have them: which GPU it is and whether it replays graphs change no result; TF32 is there
    /// when it is on, whoever says so.
    /// </summary>
    public static ImmutableSortedDictionary<string, string> KeyOptionsOf(OnnxRuntimeOptions options)
    {
        ImmutableSortedDictionary<string, string> kept = options.SortedProviderOptions.RemoveRange([Device, Graphs, Tf32]);
        return UsesTf32(options) ? kept.Add(Tf32, "1") : kept;
    }

    /// <summary>Whether engines that are built with these options use TF32.</summary>
    public static bool UsesTf32(OnnxRuntimeOptions options) => options.Provider == OrtSessions.Cuda && IsOn(options, Tf32, options.Tf32);

    /// <summary>Whether engines that are loaded with these options replay graphs, if they can.</summary>
    public static bool WantsGraphs(OnnxRuntimeOptions options) => IsOn(options, Graphs, options.CudaGraphs);

    public static bool IsOn(string value) => value is "1" || value.Equals("true", StringComparison.OrdinalIgnoreCase);

    private static bool IsOn(OnnxRuntimeOptions options, string name, bool otherwise) =>
        options.ProviderOptions.TryGetValue(name, out string? given) ? IsOn(given) : otherwise;
}
