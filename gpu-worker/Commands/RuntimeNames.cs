using System.Collections.Immutable;
using Pipeline.Core.Naming;
using Pipeline.Engines.OnnxRuntime;

namespace Pipeline.GpuWorker.Commands;

/// <summary>The short forms of runtimes: <c>cpu</c>, <c>cuda</c>, <c>webgpu</c>, <c>trt-10</c>, <c>trt-11</c>.</summary>
internal static class RuntimeNames
{
    public static ImmutableArray<string> TensorRt { get; } = ["trt-10", "trt-11"];

    /// <summary>
    /// A name that backends are made of: a short form stands for whatever version is here, a whole name for itself. Null for
    /// what is neither.
    /// </summary>
    public static string? Expand(string text) =>
        OnnxRuntimeOptions.Providers.Contains(text) ? $"ort-0.0.0-{text}"
        : TensorRt.Contains(text) || Names.IsRuntime(text) ? text
        : null;

    /// <summary>Whether what is here is what a short form or a whole name asks for.</summary>
    public static bool Fits(string text, string runtime) =>
        text == runtime
        || (OnnxRuntimeOptions.Providers.Contains(text) && runtime.EndsWith($"-{text}", StringComparison.Ordinal))
        || (TensorRt.Contains(text) && runtime.StartsWith($"{text}.", StringComparison.Ordinal));
}
