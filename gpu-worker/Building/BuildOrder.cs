using System.Collections.Immutable;
using Pipeline.Core.Policies;
using Pipeline.Engines;
using Pipeline.Engines.OnnxRuntime;
using Pipeline.Engines.TensorRt;

namespace Pipeline.GpuWorker.Building;

/// <summary>What a build's child process reads from standard input, one line of JSON: everything that it works on.</summary>
internal sealed record BuildOrder
{
    public required string Runtime { get; init; }

    public required OnnxRuntimeOptions OnnxRuntime { get; init; }

    public required TensorRtOptions TensorRt { get; init; }

    public required string ModelPath { get; init; }

    public required ImmutableArray<string> ExternalData { get; init; }

    public required string EnginePath { get; init; }

    public required ImmutableArray<ShapeProfile> Profiles { get; init; }

    public string? TimingCachePath { get; init; }

    public required bool Optimize { get; init; }

    public static BuildOrder Of(string runtime, EngineSettings settings, EngineBuildOptions options) => new()
    {
        Runtime = runtime,
        OnnxRuntime = settings.OnnxRuntime,
        TensorRt = settings.TensorRt,
        ModelPath = Path.GetFullPath(options.ModelPath),
        ExternalData = options.ExternalData,
        EnginePath = Path.GetFullPath(options.EnginePath),
        Profiles = options.Profiles,
        TimingCachePath = options.TimingCachePath is { } cache ? Path.GetFullPath(cache) : null,
        Optimize = options.Optimize,
    };

    public EngineBuildOptions ToOptions(IProgress<EngineBuildProgress> progress) => new()
    {
        ModelPath = ModelPath,
        ExternalData = ExternalData,
        EnginePath = EnginePath,
        Profiles = Profiles,
        TimingCachePath = TimingCachePath,
        Optimize = Optimize,
        Progress = progress,
    };
}
