using System.Text;
using Pipeline.Core.Builds;
using Pipeline.Engines;

namespace Pipeline.Edge.Batching;

/// <summary>An input or output of an engine as the hot path compares it: names in bytes, no text to make.</summary>
internal sealed class TensorSignature
{
    private readonly byte[] nameBytes;
    private readonly byte[] dataTypeBytes;
    private readonly long[] shape;

    public TensorSignature(TensorDescription description)
    {
        Description = description;
        nameBytes = Encoding.UTF8.GetBytes(description.Name);
        dataTypeBytes = Encoding.UTF8.GetBytes(description.DataType);
        shape = [.. description.Shape];
        _ = ElementTypes.TryParseProtocolName(description.DataType, out ElementType type);
        (Type, ElementBytes) = (type, type.SizeBytes());
    }

    public TensorDescription Description { get; }

    public string Name => Description.Name;

    public ReadOnlySpan<byte> NameBytes => nameBytes;

    public ReadOnlySpan<byte> DataTypeBytes => dataTypeBytes;

    public ElementType Type { get; }

    public int ElementBytes { get; }

    /// <summary>Whether the engine takes any size on axis 0, which batches grow on.</summary>
    public bool HasFreeFirstAxis => shape.Length > 0 && shape[0] < 0;

    /// <summary>Whether a shape has the declared dimensions, -1 being free.</summary>
    public bool Fits(ReadOnlySpan<long> given)
    {
        if (given.Length != shape.Length) return false;
        for (int i = 0; i < shape.Length; i++)
        {
            if (shape[i] >= 0 && shape[i] != given[i]) return false;
        }

        return true;
    }
}
