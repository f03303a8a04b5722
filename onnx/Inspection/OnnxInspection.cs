using System.Diagnostics.CodeAnalysis;

namespace Pipeline.Onnx.Inspection;

/// <summary>The outcome of an inspection: either a model with its digest and length, or one fault.</summary>
public sealed record OnnxInspection
{
    /// <summary>Null exactly when there is a fault.</summary>
    public OnnxModelInfo? Model { get; init; }

    /// <summary>SHA-256 of the whole file, 64 lower-case hexadecimal digits; null when there is a fault.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Length of the file in bytes; 0 when there is a fault.</summary>
    public long Length { get; init; }

    public OnnxFault? Fault { get; init; }

    [MemberNotNullWhen(true, nameof(Model), nameof(Sha256))]
    [MemberNotNullWhen(false, nameof(Fault))]
    public bool IsModel => Model is not null;
}
