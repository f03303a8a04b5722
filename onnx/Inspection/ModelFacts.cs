using System.Text;
using Pipeline.Onnx.Wire;

namespace Pipeline.Onnx.Inspection;

/// <summary>Collects what the parser finds, and refuses what exceeds the limits.</summary>
internal sealed class ModelFacts(WireReader reader, OnnxInspectionLimits limits, WeightList? weights)
{
    /// <summary>What an object and its place in a collection cost beside its text, roughly.</summary>
    private const int EntryOverheadBytes = 64;

    private readonly List<OnnxOpset> opsets = [];
    private readonly List<OnnxValue> inputs = [];
    private readonly List<OnnxValue> outputs = [];
    private readonly List<OnnxFunctionName> functions = [];
    private readonly List<OnnxExternalData> externalData = [];
    private readonly HashSet<string> initializerNames = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Domain, string OpType), int> operators = [];
    private int nodes;
    private int initializers;
    private int constants;
    private long initializerBytes;
    private long constantBytes;
    private long externalBytes;
    private long metadataBytes;

    public long? IrVersion { get; set; }

    public string ProducerName { get; set; } = "";

    public string ProducerVersion { get; set; } = "";

    public bool HasGraph { get; set; }

    public int SubgraphDepth { get; set; }

    /// <summary>Whether the parser notes where float payloads lie.</summary>
    public WeightList? Weights => weights;

    public void AddOpset(string domain, long version)
    {
        Remember(domain);
        opsets.Add(new OnnxOpset(Canonical(domain), version));
    }

    public void AddFunction(string domain, string name)
    {
        Remember(domain, name);
        functions.Add(new OnnxFunctionName(Canonical(domain), name));
    }

    public void AddInput(OnnxValue value) => AddValue(inputs, value);

    public void AddOutput(OnnxValue value) => AddValue(outputs, value);

    public void AddNode(string domain, string opType)
    {
        if (++nodes > limits.MaxNodes) throw TooMany("nodes", limits.MaxNodes);
        var key = (Canonical(domain), opType);
        if (!operators.TryGetValue(key, out int count)) Remember(domain, opType);
        operators[key] = count + 1;
    }

    /// <param name="tensor">The initializer.</param>
    /// <param name="ofMainGraph">Only those can give an input of the model its value.</param>
    public void AddInitializer(TensorFacts tensor, bool ofMainGraph)
    {
        AddTensor(tensor);
        initializers++;
        initializerBytes += tensor.PayloadBytes;
        if (ofMainGraph && initializerNames.Add(tensor.Name)) Remember(tensor.Name);
    }

    public void AddConstant(TensorFacts tensor)
    {
        AddTensor(tensor);
        constants++;
        constantBytes += tensor.PayloadBytes;
    }

    public OnnxModelInfo ToModelInfo() => new()
    {
        IrVersion = IrVersion ?? 0,
        ProducerName = ProducerName,
        ProducerVersion = ProducerVersion,
        Opsets = [.. opsets],
        Inputs = [.. inputs.Where(input => !initializerNames.Contains(input.Name))],
        Outputs = [.. outputs],
        Operators = [.. operators
            .Select(pair => new OnnxOperatorCount(pair.Key.Domain, pair.Key.OpType, pair.Value))
            .OrderBy(o => o.Domain, StringComparer.Ordinal).ThenBy(o => o.OpType, StringComparer.Ordinal)],
        Functions = [.. functions],
        NodeCount = nodes,
        InitializerCount = initializers,
        InitializerBytes = initializerBytes,
        ConstantCount = constants,
        ConstantBytes = constantBytes,
        ExternalBytes = externalBytes,
        ExternalData = [.. externalData],
        SubgraphDepth = SubgraphDepth,
    };

    /// <summary>Refuses a file that was read to its end but lacks what makes it a model.</summary>
    public void RequireModel()
    {
        if (reader.Offset == 0) throw reader.Fault(OnnxFaultKind.Empty, "The file is empty; upload it again.");
        if (!HasGraph && opsets.Count == 0) throw reader.Fault(OnnxFaultKind.NotOnnx, NotOnnxMessage);
        if (!HasGraph)
            throw reader.Fault(OnnxFaultKind.MissingGraph, "The model has no graph; export it again.");
        if (opsets.Count == 0)
            throw reader.Fault(OnnxFaultKind.MissingOpset, "The model imports no operator set; export it again.");
        if (IrVersion is null) throw reader.Malformed("The model has no IR version");
    }

    /// <summary>What breaks before anything of a model was seen is not a broken model, but something else.</summary>
    public OnnxFault Explain(OnnxFault fault) =>
        fault.Kind is OnnxFaultKind.Malformed or OnnxFaultKind.Truncated
        && IrVersion is null && opsets.Count == 0 && nodes == 0
            ? fault with { Kind = OnnxFaultKind.NotOnnx, Message = NotOnnxMessage }
            : fault;

    private const string NotOnnxMessage =
        "The file is not an ONNX model; export the model to ONNX and upload that file.";

    /// <summary>"ai.onnx" is a longer name of the default domain.</summary>
    internal static string Canonical(string domain) => domain == "ai.onnx" ? "" : domain;

    private void AddValue(List<OnnxValue> values, OnnxValue value)
    {
        Remember(value.Name);
        values.Add(value);
    }

    private void AddTensor(TensorFacts tensor)
    {
        if (initializers + constants >= limits.MaxTensors) throw TooMany("tensors", limits.MaxTensors);
        if (tensor.External is not { } external) return;
        Remember(tensor.Name, external.Location);
        externalData.Add(external);
        externalBytes += external.Length ?? 0;
        if (externalBytes < 0) throw reader.Malformed("External data has impossible lengths");
    }

    /// <summary>Counts text that stays in memory until the end.</summary>
    public void Remember(params ReadOnlySpan<string> texts)
    {
        metadataBytes += EntryOverheadBytes;
        foreach (string text in texts) metadataBytes += Encoding.UTF8.GetByteCount(text);
        if (metadataBytes > limits.MaxMetadataBytes)
        {
            throw reader.Fault(
                OnnxFaultKind.TooLarge, $"Names and shapes take more than {limits.MaxMetadataBytes} bytes in all.");
        }
    }

    private OnnxFaultException TooMany(string what, int limit) =>
        reader.Fault(OnnxFaultKind.TooLarge, $"The model has more than {limit} {what}, the most that is accepted.");
}
