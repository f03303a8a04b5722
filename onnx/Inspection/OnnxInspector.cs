using Pipeline.Onnx.Wire;

namespace Pipeline.Onnx.Inspection;

/// <summary>Reads an ONNX file once, front to back, with constant memory whatever its size.</summary>
public static class OnnxInspector
{
    /// <summary>
    /// Inspects and hashes <paramref name="stream"/>, which need not be seekable. What is wrong with the file comes
    /// back as a fault; only the stream's own exceptions and cancellation are thrown.
    /// </summary>
    public static Task<OnnxInspection> InspectAsync(
        Stream stream, OnnxInspectionLimits? limits, CancellationToken cancellationToken) =>
        InspectAsync(stream, limits ?? OnnxInspectionLimits.Default, weights: null, cancellationToken);

    internal static async Task<OnnxInspection> InspectAsync(
        Stream stream, OnnxInspectionLimits limits, WeightList? weights, CancellationToken cancellationToken)
    {
        limits.Validate();
        using var reader = new WireReader(stream, limits.MaxLength, cancellationToken);
        var facts = new ModelFacts(reader, limits, weights);
        try
        {
            await new ModelParser(reader, limits, facts).ParseAsync();
            return new OnnxInspection
            {
                Model = facts.ToModelInfo(),
                Sha256 = reader.FinishHash(),
                Length = reader.Offset,
            };
        }
        catch (OnnxFaultException e)
        {
            return new OnnxInspection { Fault = facts.Explain(e.Fault) };
        }
    }
}
