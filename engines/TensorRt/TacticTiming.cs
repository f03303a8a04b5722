namespace Pipeline.Engines.TensorRt;

/// <summary>Where a build takes its tactics from. None makes plans equal byte for byte: TensorRT promises that nowhere.</summary>
public enum TacticTiming
{
    /// <summary>Measured; what the timing cache holds is not measured again.</summary>
    Measure,

    /// <summary>Measured and written down, so that the build can be replayed; TensorRT 10.8 and newer.</summary>
    Record,

    /// <summary>All from the timing cache of a recording; one that is missing fails the build. TensorRT 10.8 and newer.</summary>
    Replay,
}
