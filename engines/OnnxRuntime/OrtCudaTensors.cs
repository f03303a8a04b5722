using System.Collections.Immutable;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>What a session on CUDA takes and gives.</summary>
/// <param name="OnHost">For each input, whether the session reads it on the host.</param>
internal sealed record OrtCudaTensors(
    ImmutableArray<OrtTensorInfo> Inputs, ImmutableArray<OrtTensorInfo> Outputs, OrtNames InputNames, OrtNames OutputNames,
    ImmutableArray<bool> OnHost)
{
    public const string DoesNotRun = "The engine does not run these inputs";

    public unsafe nint InputName(int index) => InputNames.Pointers[index];

    public unsafe nint OutputName(int index) => OutputNames.Pointers[index];

    public static EngineException Refused(OrtStatus status, string what) => OrtErrors.From(
        status,
        status.Code == OrtErrorCode.InvalidArgument ? EngineErrorKind.InvalidInput : EngineErrorKind.RunFailed,
        what);
}
