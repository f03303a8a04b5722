using System.Collections.Immutable;
using Pipeline.Onnx.Wire;

namespace Pipeline.Onnx.Inspection;

/// <summary>Reads the inputs and outputs of the main graph.</summary>
internal sealed class ValueParser(WireReader reader, OnnxInspectionLimits limits, ModelFacts facts)
{
    public async ValueTask<OnnxValue> ValueAsync(WireField message)
    {
        reader.Require(message, WireType.Length);
        var value = new OnnxValue { Name = "", Kind = default, ElementType = default, Dimensions = null };
        for (var f = await reader.NextAsync(message.End); !f.IsEnd; f = await reader.NextAsync(message.End))
        {
            switch (f.Number)
            {
                case ValueFields.Name:
                    value = value with { Name = await reader.ReadTextAsync(f, limits.MaxNameBytes) };
                    break;
                case ValueFields.Type: value = await TypeAsync(f, value); break;
                default: await reader.SkipAsync(f); break;
            }
        }

        return value;
    }

    private async ValueTask<OnnxValue> TypeAsync(WireField message, OnnxValue value)
    {
        reader.Require(message, WireType.Length);
        for (var f = await reader.NextAsync(message.End); !f.IsEnd; f = await reader.NextAsync(message.End))
        {
            OnnxValueKind kind = KindOf(f.Number);
            if (kind == OnnxValueKind.Tensor)
            {
                value = await TensorTypeAsync(f, value);
            }
            else
            {
                if (kind != OnnxValueKind.Unknown)
                    value = value with { Kind = kind, ElementType = default, Dimensions = null };
                // What a sequence or map holds is not described: nothing of the pipeline can feed one.
                await reader.SkipAsync(f);
            }
        }

        return value;
    }

    private static OnnxValueKind KindOf(int field) => field switch
    {
        TypeFields.Tensor => OnnxValueKind.Tensor,
        TypeFields.Sequence => OnnxValueKind.Sequence,
        TypeFields.Map => OnnxValueKind.Map,
        TypeFields.Opaque => OnnxValueKind.Opaque,
        TypeFields.SparseTensor => OnnxValueKind.SparseTensor,
        TypeFields.Optional => OnnxValueKind.Optional,
        _ => OnnxValueKind.Unknown,
    };

    private async ValueTask<OnnxValue> TensorTypeAsync(WireField message, OnnxValue value)
    {
        reader.Require(message, WireType.Length);
        var type = OnnxElementType.Undefined;
        List<OnnxDimension>? dimensions = null;
        for (var f = await reader.NextAsync(message.End); !f.IsEnd; f = await reader.NextAsync(message.End))
        {
            switch (f.Number)
            {
                case TensorTypeFields.ElementType:
                    reader.Require(f, WireType.Varint);
                    type = (OnnxElementType)(int)f.Value;
                    break;
                case TensorTypeFields.Shape: await ShapeAsync(f, dimensions ??= []); break;
                default: await reader.SkipAsync(f); break;
            }
        }

        return value with
        {
            Kind = OnnxValueKind.Tensor,
            ElementType = type,
            Dimensions = dimensions?.ToImmutableArray(),
        };
    }

    private async ValueTask ShapeAsync(WireField message, List<OnnxDimension> dimensions)
    {
        reader.Require(message, WireType.Length);
        for (var f = await reader.NextAsync(message.End); !f.IsEnd; f = await reader.NextAsync(message.End))
        {
            if (f.Number != ShapeFields.Dimension)
            {
                await reader.SkipAsync(f);
                continue;
            }

            if (dimensions.Count == limits.MaxDimensions)
                throw reader.Fault(OnnxFaultKind.TooLarge, $"A value has more than {limits.MaxDimensions} dimensions.");
            dimensions.Add(await DimensionAsync(f));
        }
    }

    private async ValueTask<OnnxDimension> DimensionAsync(WireField message)
    {
        reader.Require(message, WireType.Length);
        OnnxDimension dimension = OnnxDimension.Unknown;
        for (var f = await reader.NextAsync(message.End); !f.IsEnd; f = await reader.NextAsync(message.End))
        {
            switch (f.Number)
            {
                case DimensionFields.Value:
                    reader.Require(f, WireType.Varint);
                    // Some exporters write -1 for a free size.
                    dimension = (long)f.Value < 0 ? OnnxDimension.Unknown : OnnxDimension.Fixed((long)f.Value);
                    break;
                case DimensionFields.Symbol:
                    string symbol = await reader.ReadTextAsync(f, limits.MaxNameBytes);
                    dimension = symbol.Length == 0 ? OnnxDimension.Unknown : OnnxDimension.Named(symbol);
                    break;
                default: await reader.SkipAsync(f); break;
            }
        }

        facts.Remember(dimension.Symbol ?? "");
        return dimension;
    }
}
