namespace Pipeline.Onnx.Inspection;

/// <summary>Why a file was refused.</summary>
public enum OnnxFaultKind
{
    /// <summary>0 bytes.</summary>
    Empty,

    /// <summary>Something else: a picture, a text, another format.</summary>
    NotOnnx,

    /// <summary>The file ends in the middle.</summary>
    Truncated,

    /// <summary>ONNX so far, but broken inside.</summary>
    Malformed,

    /// <summary>Graphs nested deeper than the limit.</summary>
    TooDeep,

    /// <summary>A length or a count beyond its limit.</summary>
    TooLarge,

    /// <summary>External data that points outside the model's own folder.</summary>
    UnsafeExternalData,

    /// <summary>The model carries no graph.</summary>
    MissingGraph,

    /// <summary>The model imports no operator set.</summary>
    MissingOpset,
}
