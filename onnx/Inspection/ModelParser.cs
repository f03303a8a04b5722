using Pipeline.Onnx.Wire;

namespace Pipeline.Onnx.Inspection;

/// <summary>
/// Walks the messages of a model. Every place that can hold a tensor is visited, since each could name external data;
/// everything else is skipped without being kept. A message that occurs twice is merged, as protobuf does.
/// </summary>
internal sealed class ModelParser(WireReader reader, OnnxInspectionLimits limits, ModelFacts facts)
{
    private readonly TensorParser tensors = new(reader, limits, facts);
    private readonly ValueParser values = new(reader, limits, facts);

    public async Task ParseAsync()
    {
        const long end = WireReader.Unbounded;
        for (var f = await reader.NextAsync(end); !f.IsEnd; f = await reader.NextAsync(end))
        {
            switch (f.Number)
            {
                case ModelFields.IrVersion:
                    reader.Require(f, WireType.Varint);
                    facts.IrVersion = (long)f.Value;
                    break;
                case ModelFields.ProducerName: facts.ProducerName = await NameAsync(f); break;
                case ModelFields.ProducerVersion: facts.ProducerVersion = await NameAsync(f); break;
                case ModelFields.Graph:
                    await GraphAsync(f, depth: 0, isMain: true);
                    facts.HasGraph = true;
                    break;
                case ModelFields.OpsetImport: await OpsetAsync(f); break;
                case ModelFields.TrainingInfo: await TrainingAsync(f); break;
                case ModelFields.Functions: await FunctionAsync(f); break;
                default: await reader.SkipAsync(f); break;
            }
        }

        facts.RequireModel();
    }

    private ValueTask<string> NameAsync(WireField field) => reader.ReadTextAsync(field, limits.MaxNameBytes);

    private async ValueTask OpsetAsync(WireField message)
    {
        reader.Require(message, WireType.Length);
        string domain = "";
        long? version = null;
        for (var f = await reader.NextAsync(message.End); !f.IsEnd; f = await reader.NextAsync(message.End))
        {
            switch (f.Number)
            {
                case OpsetFields.Domain: domain = await NameAsync(f); break;
                case OpsetFields.Version:
                    reader.Require(f, WireType.Varint);
                    version = (long)f.Value;
                    break;
                default: await reader.SkipAsync(f); break;
            }
        }

        facts.AddOpset(domain, version ?? throw reader.Malformed("An operator set has no version"));
    }

    private async ValueTask TrainingAsync(WireField message)
    {
        reader.Require(message, WireType.Length);
        for (var f = await reader.NextAsync(message.End); !f.IsEnd; f = await reader.NextAsync(message.End))
        {
            if (f.Number is TrainingFields.Initialization or TrainingFields.Algorithm)
                await GraphAsync(f, depth: 0, isMain: false);
            else
                await reader.SkipAsync(f);
        }
    }

    private async ValueTask FunctionAsync(WireField message)
    {
        reader.Require(message, WireType.Length);
        string name = "", domain = "";
        for (var f = await reader.NextAsync(message.End); !f.IsEnd; f = await reader.NextAsync(message.End))
        {
            switch (f.Number)
            {
                case FunctionFields.Name: name = await NameAsync(f); break;
                case FunctionFields.Domain: domain = await NameAsync(f); break;
                case FunctionFields.Node: await NodeAsync(f, depth: 0); break;
                case FunctionFields.DefaultAttribute: await AttributeAsync(f, depth: 0); break;
                default: await reader.SkipAsync(f); break;
            }
        }

        facts.AddFunction(domain, name);
    }

    private async ValueTask GraphAsync(WireField message, int depth, bool isMain)
    {
        reader.Require(message, WireType.Length);
        if (depth > limits.MaxDepth)
        {
            throw reader.Fault(
                OnnxFaultKind.TooDeep,
                $"Graphs are nested deeper than {limits.MaxDepth} levels, the most that is accepted.");
        }

        facts.SubgraphDepth = Math.Max(facts.SubgraphDepth, depth);
        for (var f = await reader.NextAsync(message.End); !f.IsEnd; f = await reader.NextAsync(message.End))
        {
            switch (f.Number)
            {
                case GraphFields.Node: await NodeAsync(f, depth); break;
                case GraphFields.Initializer: AddInitializer(await tensors.TensorAsync(f), isMain); break;
                case GraphFields.SparseInitializer: AddInitializer(await tensors.SparseAsync(f), isMain); break;
                case GraphFields.Input when isMain: facts.AddInput(await values.ValueAsync(f)); break;
                case GraphFields.Output when isMain: facts.AddOutput(await values.ValueAsync(f)); break;
                default: await reader.SkipAsync(f); break;
            }
        }
    }

    private async ValueTask NodeAsync(WireField message, int depth)
    {
        reader.Require(message, WireType.Length);
        string opType = "", domain = "";
        TensorFacts? value = null;
        for (var f = await reader.NextAsync(message.End); !f.IsEnd; f = await reader.NextAsync(message.End))
        {
            switch (f.Number)
            {
                case NodeFields.OpType: opType = await NameAsync(f); break;
                case NodeFields.Domain: domain = await NameAsync(f); break;
                case NodeFields.Attribute: value = await AttributeAsync(f, depth) ?? value; break;
                default: await reader.SkipAsync(f); break;
            }
        }

        if (opType.Length == 0) throw reader.Malformed("A node names no operator");
        facts.AddNode(domain, opType);
        if (value is not null && opType == "Constant" && ModelFacts.Canonical(domain).Length == 0)
            facts.Weights?.Add(value);
    }

    /// <summary>
    /// The attribute's tensor if it is called "value": in a Constant node that is what the node yields.
    /// </summary>
    private async ValueTask<TensorFacts?> AttributeAsync(WireField message, int depth)
    {
        reader.Require(message, WireType.Length);
        string name = "";
        TensorFacts? tensor = null;
        for (var f = await reader.NextAsync(message.End); !f.IsEnd; f = await reader.NextAsync(message.End))
        {
            switch (f.Number)
            {
                case AttributeFields.Name: name = await NameAsync(f); break;
                case AttributeFields.Tensor:
                case AttributeFields.Tensors:
                    tensor = await tensors.TensorAsync(f);
                    facts.AddConstant(tensor);
                    break;
                case AttributeFields.SparseTensor:
                case AttributeFields.SparseTensors:
                    facts.AddConstant(await tensors.SparseAsync(f));
                    break;
                case AttributeFields.Graph:
                case AttributeFields.Graphs:
                    await GraphAsync(f, depth + 1, isMain: false);
                    break;
                default: await reader.SkipAsync(f); break;
            }
        }

        return name == "value" ? tensor : null;
    }

    private void AddInitializer(TensorFacts tensor, bool ofMainGraph)
    {
        facts.AddInitializer(tensor, ofMainGraph);
        facts.Weights?.Add(tensor);
    }
}
