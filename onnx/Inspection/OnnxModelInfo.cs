using System.Collections.Immutable;

namespace Pipeline.Onnx.Inspection;

// What an inspection knows about a model. The records are one family and are read together.

/// <summary>
/// Facts about a model. Nothing in it was checked for meaning: names are text from an untrusted file.
/// </summary>
public sealed record OnnxModelInfo
{
    public required long IrVersion { get; init; }

    /// <summary>The program that wrote the file; empty when it did not say.</summary>
    public required string ProducerName { get; init; }

    public required string ProducerVersion { get; init; }

    /// <summary>Operator sets in the order of the file.</summary>
    public required ImmutableArray<OnnxOpset> Opsets { get; init; }

    /// <summary>Inputs that a caller must give: those that no initializer gives already.</summary>
    public required ImmutableArray<OnnxValue> Inputs { get; init; }

    public required ImmutableArray<OnnxValue> Outputs { get; init; }

    /// <summary>Operators of all graphs, nested ones and local functions included, by domain and name.</summary>
    public required ImmutableArray<OnnxOperatorCount> Operators { get; init; }

    /// <summary>Operators that the model itself defines; a backend need not know them.</summary>
    public required ImmutableArray<OnnxFunctionName> Functions { get; init; }

    public required int NodeCount { get; init; }

    public required int InitializerCount { get; init; }

    /// <summary>Bytes of the initializers inside the file, as stored.</summary>
    public required long InitializerBytes { get; init; }

    /// <summary>Tensors that are attributes of nodes (Constant and others).</summary>
    public required int ConstantCount { get; init; }

    /// <summary>Bytes of those tensors inside the file, as stored.</summary>
    public required long ConstantBytes { get; init; }

    /// <summary>Bytes that are taken from other files, as far as lengths or shapes tell.</summary>
    public required long ExternalBytes { get; init; }

    public required ImmutableArray<OnnxExternalData> ExternalData { get; init; }

    /// <summary>How deep graphs nest: 0 without If, Loop or Scan.</summary>
    public required int SubgraphDepth { get; init; }
}

/// <summary>An imported operator set. The empty domain is ONNX's own.</summary>
public sealed record OnnxOpset(string Domain, long Version);

/// <summary>How often an operator is used. The empty domain is ONNX's own.</summary>
public sealed record OnnxOperatorCount(string Domain, string OpType, int Count);

/// <summary>A local function.</summary>
public sealed record OnnxFunctionName(string Domain, string Name);

/// <summary>What kind of value an input or output is.</summary>
public enum OnnxValueKind
{
    Unknown,
    Tensor,
    SparseTensor,
    Sequence,
    Map,
    Optional,
    Opaque,
}

/// <summary>An input or output of the model.</summary>
public sealed record OnnxValue
{
    public required string Name { get; init; }

    public required OnnxValueKind Kind { get; init; }

    /// <summary>
    /// Undefined for anything but a tensor. A number that is not in the enum is a type newer than this code.
    /// </summary>
    public required OnnxElementType ElementType { get; init; }

    /// <summary>Null when not even the rank is known; empty for a scalar.</summary>
    public required ImmutableArray<OnnxDimension>? Dimensions { get; init; }
}

/// <summary>A tensor whose data is in another file.</summary>
public sealed record OnnxExternalData
{
    public required string TensorName { get; init; }

    /// <summary>A relative path inside the model's folder; checked, see <see cref="ExternalDataLocation"/>.</summary>
    public required string Location { get; init; }

    public required long Offset { get; init; }

    /// <summary>Bytes; null when neither the entry nor the tensor's shape tells.</summary>
    public required long? Length { get; init; }
}
