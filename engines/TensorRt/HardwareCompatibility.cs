namespace Pipeline.Engines.TensorRt;

/// <summary>On which GPUs beside the one that builds a plan may run; the numbers are ENGINE_COMPATIBLE_*.</summary>
public enum HardwareCompatibility
{
    /// <summary>Those of its compute capability, fastest on its own product.</summary>
    None = 0,

    /// <summary>Compute capability 8.0 and all newer: fewer tactics, slower.</summary>
    AmperePlus = 1,

    /// <summary>Every product of its compute capability; TensorRT 10.9 and newer.</summary>
    SameComputeCapability = 2,
}
