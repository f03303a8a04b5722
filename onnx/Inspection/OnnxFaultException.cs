namespace Pipeline.Onnx.Inspection;

/// <summary>Carries a fault from deep inside a file to the public methods, which return it as a value.</summary>
internal sealed class OnnxFaultException(OnnxFault fault) : Exception(fault.Message)
{
    public OnnxFault Fault { get; } = fault;
}
