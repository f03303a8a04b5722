using Pipeline.Onnx.Wire;

namespace Pipeline.Onnx.Writing;

/// <summary>Writes ONNX models: tiny ones for demos and tests, and ones larger than memory for measurements.</summary>
public sealed class OnnxModelWriter(OnnxGraphWriter graph)
{
    private readonly List<(string Domain, long Version)> opsets = [];
    private readonly List<WireMessage> functions = [];

    /// <summary>Default 8, which ONNX Runtime 1.10 and later reads.</summary>
    public long IrVersion { get; init; } = 8;

    public string ProducerName { get; init; } = "pipeline";

    /// <summary>Adds an operator set. Without any, version 17 of ONNX's own is written.</summary>
    public OnnxModelWriter Opset(string domain, long version)
    {
        opsets.Add((domain, version));
        return this;
    }

    /// <summary>Adds a local function of one node with opset 17.</summary>
    public OnnxModelWriter Function(string domain, string name, string[] inputs, string[] outputs, string opType)
    {
        var function = new WireMessage();
        function.Text(FunctionFields.Name, name);
        foreach (string input in inputs) function.Text(FunctionFields.Input, input);
        foreach (string output in outputs) function.Text(FunctionFields.Output, output);
        function.Message(FunctionFields.Node, OnnxGraphWriter.NodeMessage("", opType, inputs, outputs, []));
        function.Message(FunctionFields.OpsetImport, OpsetMessage("", 17));
        function.Text(FunctionFields.Domain, domain);
        functions.Add(function);
        return this;
    }

    /// <summary>A forward-only stream of the model; generated payloads are produced as they are read.</summary>
    public Stream OpenRead()
    {
        var model = new WireMessage();
        model.Int(ModelFields.IrVersion, IrVersion);
        model.Text(ModelFields.ProducerName, ProducerName);
        model.Message(ModelFields.Graph, graph.Build());
        foreach ((string domain, long version) in opsets.Count > 0 ? opsets : [("", 17)])
            model.Message(ModelFields.OpsetImport, OpsetMessage(domain, version));
        foreach (WireMessage function in functions) model.Message(ModelFields.Functions, function);
        return new WirePartStream(model.Parts);
    }

    public async Task WriteAsync(Stream destination, CancellationToken cancellationToken)
    {
        await using Stream model = OpenRead();
        await model.CopyToAsync(destination, cancellationToken);
    }

    /// <summary>The whole model in memory; for small models.</summary>
    public byte[] ToArray()
    {
        using var bytes = new MemoryStream();
        using Stream model = OpenRead();
        model.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static WireMessage OpsetMessage(string domain, long version)
    {
        var opset = new WireMessage();
        opset.Text(OpsetFields.Domain, domain);
        opset.Int(OpsetFields.Version, version);
        return opset;
    }
}
