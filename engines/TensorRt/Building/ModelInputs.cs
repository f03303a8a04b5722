using System.Collections.Immutable;
using Pipeline.Core.Builds;
using Pipeline.Engines.TensorRt.Native;
using Pipeline.Onnx.Inspection;

namespace Pipeline.Engines.TensorRt.Building;

/// <summary>Reads from an ONNX file what a caller gives the model: shape profiles are for it.</summary>
internal static class ModelInputs
{
    /// <exception cref="EngineException">
    /// BuildFailed: it cannot be read. UnsupportedTensor: an input is no tensor of known rank.
    /// </exception>
    public static ImmutableArray<TensorDescription> Read(string modelPath, CancellationToken cancellationToken)
    {
        OnnxInspection inspection;
        try
        {
            using FileStream file = File.OpenRead(modelPath);
            // A build blocks its thread by contract.
            inspection = OnnxInspector.InspectAsync(file, limits: null, cancellationToken).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EngineException(
                EngineErrorKind.BuildFailed, $"Model '{Path.GetFileName(modelPath)}' cannot be read: {e.Message}", e);
        }

        return inspection.IsModel
            ? [.. inspection.Model.Inputs.Select(Describe)]
            : throw new EngineException(
                EngineErrorKind.BuildFailed, $"Model '{Path.GetFileName(modelPath)}' does not build: {inspection.Fault.Message}");
    }

    private static TensorDescription Describe(OnnxValue input)
    {
        // The numbers of both enums are ONNX's own.
        var type = (ElementType)(int)input.ElementType;
        if (input.Kind != OnnxValueKind.Tensor || !Enum.IsDefined(type))
            throw Unsupported(input, "is not a tensor of numbers or booleans; export the model with inputs that are");
        if (input.Dimensions is not { } dimensions)
            throw Unsupported(input, "has no shape; export the model with the number of dimensions, free ones included");
        if (dimensions.Length > NativeShape.DimensionsMaximum)
            throw Unsupported(input, $"has {dimensions.Length} dimensions; TensorRT takes {NativeShape.DimensionsMaximum}");
        return new TensorDescription
        {
            Name = input.Name,
            DataType = type.ProtocolName(),
            Shape = [.. dimensions.Select(d => d.Size ?? -1)],
        };
    }

    private static EngineException Unsupported(OnnxValue input, string what) =>
        new(EngineErrorKind.UnsupportedTensor, $"Input '{input.Name}' {what}.");
}
