namespace Pipeline.Engines.TensorRt.Native;

/// <summary>engine_status: what a call of the shim answers.</summary>
internal enum EngineStatus
{
    Ok = 0,
    InvalidArgument = 1,
    LibraryMissing = 2,
    LibraryIncompatible = 3,
    ParseFailed = 4,
    UnsupportedOperator = 5,
    BuildFailed = 6,
    Cancelled = 7,
    OutOfMemory = 8,
    TimingCacheMiss = 9,
    PlanCorrupt = 10,
    PlanOtherVersion = 11,
    PlanOtherDevice = 12,
    RunFailed = 13,
    NotSupported = 14,
    Internal = 15,
}
