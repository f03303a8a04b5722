using System.Globalization;
using Pipeline.Onnx.Wire;

namespace Pipeline.Onnx.Inspection;

/// <summary>Reads tensors without their data.</summary>
internal sealed class TensorParser(WireReader reader, OnnxInspectionLimits limits, ModelFacts facts)
{
    public async ValueTask<TensorFacts> TensorAsync(WireField message)
    {
        reader.Require(message, WireType.Length);
        var tensor = new TensorFacts { Spans = facts.Weights is null ? null : [] };
        ExternalEntries? entries = null;
        bool isExternal = false;
        int rank = 0;
        for (var f = await reader.NextAsync(message.End); !f.IsEnd; f = await reader.NextAsync(message.End))
        {
            switch (f.Number)
            {
                case TensorFields.Dims: rank = await DimensionsAsync(f, tensor, rank); break;
                case TensorFields.DataType:
                    reader.Require(f, WireType.Varint);
                    tensor.ElementType = (OnnxElementType)(int)f.Value;
                    break;
                case TensorFields.Name: tensor.Name = await reader.ReadTextAsync(f, limits.MaxNameBytes); break;
                case TensorFields.RawData:
                    reader.Require(f, WireType.Length);
                    await PayloadAsync(f, tensor, tensor.Spans);
                    break;
                case TensorFields.FloatData: await PayloadAsync(f, tensor, tensor.Spans); break;
                case TensorFields.Int32Data:
                case TensorFields.StringData:
                case TensorFields.Int64Data:
                case TensorFields.DoubleData:
                case TensorFields.UInt64Data:
                    await PayloadAsync(f, tensor, spans: null);
                    break;
                case TensorFields.ExternalData: await ExternalEntryAsync(f, entries ??= new()); break;
                case TensorFields.DataLocation:
                    reader.Require(f, WireType.Varint);
                    isExternal = f.Value == TensorFields.External;
                    break;
                default: await reader.SkipAsync(f); break;
            }
        }

        if (isExternal) tensor.External = External(tensor, entries);
        return tensor;
    }

    /// <summary>A sparse tensor, counted as its values and indices together under the name of its values.</summary>
    public async ValueTask<TensorFacts> SparseAsync(WireField message)
    {
        reader.Require(message, WireType.Length);
        TensorFacts? values = null;
        long indexBytes = 0;
        for (var f = await reader.NextAsync(message.End); !f.IsEnd; f = await reader.NextAsync(message.End))
        {
            switch (f.Number)
            {
                case SparseTensorFields.Values: values = await TensorAsync(f); break;
                case SparseTensorFields.Indices:
                    TensorFacts indices = await TensorAsync(f);
                    // Counted apart, since one entry holds one place only.
                    if (indices.External is not null) facts.AddConstant(indices);
                    indexBytes += indices.PayloadBytes;
                    break;
                default: await reader.SkipAsync(f); break;
            }
        }

        if (values is null) throw reader.Malformed("A sparse tensor has no values");
        values.PayloadBytes += indexBytes;
        return values;
    }

    private async ValueTask<int> DimensionsAsync(WireField field, TensorFacts tensor, int rank)
    {
        if (field.Type == WireType.Varint) return Dimension(field.Value, tensor, rank);
        reader.Require(field, WireType.Length);
        while (reader.Offset < field.End) rank = Dimension(await reader.ReadPackedAsync(field.End), tensor, rank);
        return rank;
    }

    private int Dimension(ulong value, TensorFacts tensor, int rank)
    {
        long size = (long)value;
        if (size < 0) throw reader.Malformed($"A tensor has a dimension of {size}");
        if (rank == limits.MaxDimensions)
            throw reader.Fault(OnnxFaultKind.TooLarge, $"A tensor has more than {limits.MaxDimensions} dimensions.");
        tensor.ElementCount = (long)Int128.Min((Int128)tensor.ElementCount * size, long.MaxValue);
        return rank + 1;
    }

    private async ValueTask PayloadAsync(WireField field, TensorFacts tensor, List<WeightSpan>? spans)
    {
        // Repeated numbers may also stand one by one; then each was read with its header and ends at End.
        long length = field.Type switch { WireType.Fixed32 => 4, WireType.Fixed64 => 8, _ => field.Length };
        tensor.PayloadBytes += length;
        if (spans is not null && length > 0)
        {
            if (++facts.Weights!.SpanCount > WeightList.MaxSpans)
            {
                throw reader.Fault(
                    OnnxFaultKind.TooLarge, $"The weights lie in more than {WeightList.MaxSpans} pieces.");
            }

            spans.Add(new WeightSpan(field.End - length, length));
        }

        await reader.SkipAsync(field);
    }

    private async ValueTask ExternalEntryAsync(WireField message, ExternalEntries entries)
    {
        reader.Require(message, WireType.Length);
        string key = "", value = "";
        for (var f = await reader.NextAsync(message.End); !f.IsEnd; f = await reader.NextAsync(message.End))
        {
            switch (f.Number)
            {
                case EntryFields.Key: key = await reader.ReadTextAsync(f, limits.MaxNameBytes); break;
                case EntryFields.Value: value = await reader.ReadTextAsync(f, limits.MaxNameBytes); break;
                default: await reader.SkipAsync(f); break;
            }
        }

        switch (key)
        {
            // Each location is checked, also one that a later entry replaces or that nothing reads.
            case "location":
                entries.Location = value;
                if (ExternalDataLocation.Refuse(value) is { } reason)
                {
                    throw reader.Fault(
                        OnnxFaultKind.UnsafeExternalData,
                        $"The external data location {OnnxFault.Quote(value)} {reason}; "
                        + "save the data beside the model under a plain relative name.");
                }

                break;
            case "offset": entries.Offset = Number(key, value); break;
            case "length": entries.Length = Number(key, value); break;
        }
    }

    private OnnxExternalData External(TensorFacts tensor, ExternalEntries? entries)
    {
        if (entries?.Location is not { } location)
        {
            throw reader.Fault(
                OnnxFaultKind.UnsafeExternalData,
                $"The tensor {OnnxFault.Quote(tensor.Name)} has external data but names no file; export it again.");
        }

        long? length = entries.Length ?? LengthOf(tensor);
        if (length > long.MaxValue - entries.Offset) throw reader.Malformed("External data reaches beyond any file");
        return new() { TensorName = tensor.Name, Location = location, Offset = entries.Offset, Length = length };
    }

    private static long? LengthOf(TensorFacts tensor)
    {
        Int128 bytes = ((Int128)tensor.ElementCount * tensor.ElementType.Bits() + 7) / 8;
        return tensor.ElementType.Bits() == 0 ? null : (long)Int128.Min(bytes, long.MaxValue);
    }

    private long Number(string key, string value) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw reader.Malformed($"The {key} of external data is {OnnxFault.Quote(value)}, no count of bytes");

    private sealed class ExternalEntries
    {
        public string? Location { get; set; }

        public long Offset { get; set; }

        public long? Length { get; set; }
    }
}
