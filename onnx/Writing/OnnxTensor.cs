using System.Runtime.InteropServices;
using Pipeline.Onnx.Wire;

namespace Pipeline.Onnx.Writing;

/// <summary>A tensor to be written: an initializer, or the value of a Constant node.</summary>
public sealed class OnnxTensor
{
    private OnnxTensor(string name, OnnxElementType type, ReadOnlySpan<long> dims)
    {
        foreach (long dim in dims) Message.Int(TensorFields.Dims, dim);
        Message.Int(TensorFields.DataType, (int)type);
        Message.Text(TensorFields.Name, name);
    }

    internal WireMessage Message { get; } = new();

    /// <summary>float32 values as raw data.</summary>
    public static OnnxTensor Floats(string name, ReadOnlySpan<long> dims, ReadOnlySpan<float> values) =>
        Raw(name, OnnxElementType.Float, dims, MemoryMarshal.AsBytes(values));

    /// <summary>int64 values as raw data.</summary>
    public static OnnxTensor Ints(string name, ReadOnlySpan<long> dims, ReadOnlySpan<long> values) =>
        Raw(name, OnnxElementType.Int64, dims, MemoryMarshal.AsBytes(values));

    /// <summary>float32 values as packed float_data, the older form.</summary>
    public static OnnxTensor FloatData(string name, ReadOnlySpan<long> dims, ReadOnlySpan<float> values)
    {
        var tensor = new OnnxTensor(name, OnnxElementType.Float, dims);
        tensor.Message.Bytes(TensorFields.FloatData, MemoryMarshal.AsBytes(values));
        return tensor;
    }

    /// <summary>Little-endian bytes of any type.</summary>
    public static OnnxTensor Raw(string name, OnnxElementType type, ReadOnlySpan<long> dims, ReadOnlySpan<byte> data)
    {
        var tensor = new OnnxTensor(name, type, dims);
        tensor.Message.Bytes(TensorFields.RawData, data);
        return tensor;
    }

    /// <summary>Raw data that is produced while the model is read; it may be larger than memory.</summary>
    public static OnnxTensor Generated(
        string name, OnnxElementType type, ReadOnlySpan<long> dims, long length, FillPayload fill)
    {
        var tensor = new OnnxTensor(name, type, dims);
        tensor.Message.Generated(TensorFields.RawData, length, fill);
        return tensor;
    }

    /// <summary>Data in another file. The location is written as it is, so that tests can write unsafe ones.</summary>
    public static OnnxTensor External(
        string name, OnnxElementType type, ReadOnlySpan<long> dims, string location, long? offset, long? length)
    {
        var tensor = new OnnxTensor(name, type, dims);
        tensor.Entry("location", location);
        if (offset is not null) tensor.Entry("offset", FormattableString.Invariant($"{offset}"));
        if (length is not null) tensor.Entry("length", FormattableString.Invariant($"{length}"));
        tensor.Message.Int(TensorFields.DataLocation, TensorFields.External);
        return tensor;
    }

    private void Entry(string key, string value)
    {
        var entry = new WireMessage();
        entry.Text(EntryFields.Key, key);
        entry.Text(EntryFields.Value, value);
        Message.Message(TensorFields.ExternalData, entry);
    }
}
