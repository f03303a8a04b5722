namespace Pipeline.Engines.TensorRt.Native;

/// <summary>ENGINE_BUILD_*.</summary>
[Flags]
internal enum BuildFlags : uint
{
    None = 0,
    VersionCompatible = 1 << 0,
    StripWeights = 1 << 1,
    WeightStreaming = 1 << 2,
    NoTf32 = 1 << 3,
    Record = 1 << 4,
    Replay = 1 << 5,
    Inspect = 1 << 6,
}
