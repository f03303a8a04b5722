namespace Pipeline.Core.Builds;

/// <summary>Why a build ended without an engine to gate. Stored and sent by name: add only.</summary>
public enum BuildFailureKind
{
    /// <summary>An uploaded file changed after acceptance.</summary>
    Overwritten,

    /// <summary>The backend does not implement an operator of the model.</summary>
    UnsupportedOperator,

    /// <summary>The backend refused the model for another reason.</summary>
    BuildFailed,

    /// <summary>The built engine does not load from its bytes.</summary>
    LoadFailed,

    /// <summary>A shape profile does not fit the model, or fails to run.</summary>
    ProfileFailed,

    /// <summary>A golden file does not fit the model's inputs or outputs.</summary>
    GoldenMismatch,

    /// <summary>No golden inputs, and the policy forbids seeded ones.</summary>
    NoInputs,

    /// <summary>The worker is not what the lane says.</summary>
    WrongLane,

    /// <summary>The build took longer than the policy allows, or nobody took it in time.</summary>
    DeadlineExceeded,

    /// <summary>The message was delivered too often without an outcome.</summary>
    DeadLettered,

    /// <summary>The request could not be read.</summary>
    BadRequest,

    /// <summary>The GPU's memory did not suffice: a smaller shape profile, or a larger GPU, may do.</summary>
    OutOfMemory,
}
