namespace Pipeline.Engines;

/// <summary>What to build and where to put it.</summary>
public sealed record EngineBuildOptions
{
    /// <summary>The ONNX file; external tensors are looked for beside it.</summary>
    public required string ModelPath { get; init; }

    /// <summary>Where the engine goes; replaced when it exists. Its folder must exist.</summary>
    public required string EnginePath { get; init; }

    /// <summary>False keeps the model's graph as it is: for finding out whether an optimization is at fault.</summary>
    public bool Optimize { get; init; } = true;

    public IProgress<EngineBuildProgress>? Progress { get; init; }
}
