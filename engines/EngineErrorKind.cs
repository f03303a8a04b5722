namespace Pipeline.Engines;

/// <summary>What went wrong in a backend. The message says the rest.</summary>
public enum EngineErrorKind
{
    /// <summary>The runtime's native library was not found or does not load.</summary>
    LibraryMissing,

    /// <summary>The library is there but too old, or not that library.</summary>
    LibraryIncompatible,

    /// <summary>The library has no such execution provider, or the machine cannot run it.</summary>
    ProviderUnavailable,

    /// <summary>The backend does not implement an operator; <see cref="EngineException.Operator"/> names it.</summary>
    UnsupportedOperator,

    /// <summary>An input or output that is not a tensor of numbers or booleans.</summary>
    UnsupportedTensor,

    /// <summary>The backend refused the model for another reason.</summary>
    BuildFailed,

    /// <summary>The engine is larger than the backend can serialize.</summary>
    EngineTooLarge,

    /// <summary>The bytes are not an engine that loads here.</summary>
    LoadFailed,

    /// <summary>The engine was built by another version of its runtime.</summary>
    OtherVersion,

    /// <summary>The engine was built for other hardware.</summary>
    OtherDevice,

    /// <summary>The device's memory does not suffice: a state of this machine, not a fault of the engine.</summary>
    OutOfMemory,

    /// <summary>A shape profile does not fit the model, or does not run.</summary>
    ProfileFailed,

    /// <summary>Tensors handed to a run do not fit the engine's inputs.</summary>
    InvalidInput,

    /// <summary>The runtime failed while running.</summary>
    RunFailed,

    /// <summary>A golden file does not fit the model's inputs or outputs.</summary>
    GoldenMismatch,

    /// <summary>Outputs that are compared differ in name, type or shape.</summary>
    OutputMismatch,
}
