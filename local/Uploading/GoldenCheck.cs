using System.Collections.Immutable;
using Pipeline.Onnx;
using Pipeline.Onnx.Inspection;
using Pipeline.Onnx.Npz;

namespace Pipeline.Local.Uploading;

/// <summary>Whether a golden file's arrays are the model's inputs, and its outputs where it has any.</summary>
internal static class GoldenCheck
{
    /// <summary>What does not fit, one sentence each.</summary>
    public static ImmutableArray<string> Faults(string path, OnnxModelInfo model)
    {
        string file = Path.GetFileName(path);
        using FileStream stream = File.OpenRead(path);
        NpzContent content = NpzReader.Read(stream, null);
        if (!content.IsSound) return [$"{file}: {content.Fault}"];
        IEnumerable<string> missing = model.Inputs
            .Where(input => content.Arrays.All(a => a.Name != input.Name))
            .Select(input => $"{file}: input '{input.Name}' is missing.");
        IEnumerable<string> wrong = content.Arrays
            .Select(array => FaultOf(array, model)).OfType<string>()
            .Select(fault => $"{file}: {fault}");
        return [.. missing, .. wrong];
    }

    private static string? FaultOf(NpyArray array, OnnxModelInfo model)
    {
        OnnxValue? value = model.Inputs.Concat(model.Outputs).FirstOrDefault(v => v.Name == array.Name);
        if (value is null)
        {
            return $"'{array.Name}' is neither an input nor an output of the model; " +
                $"it has inputs {Names(model.Inputs)} and outputs {Names(model.Outputs)}.";
        }

        if (value.ElementType != array.ElementType)
            return $"'{array.Name}' has type {array.ElementType}, and the model {value.ElementType}.";
        return value.Dimensions is { } dimensions && !Fits(array.Shape, dimensions)
            ? $"'{array.Name}' has shape [{string.Join(", ", array.Shape)}], " +
                $"and the model [{string.Join(", ", dimensions)}]."
            : null;
    }

    private static bool Fits(ImmutableArray<long> shape, ImmutableArray<OnnxDimension> dimensions) =>
        shape.Length == dimensions.Length &&
        shape.Zip(dimensions).All(d => d.Second.Size is not { } size || size == d.First);

    private static string Names(ImmutableArray<OnnxValue> values) =>
        string.Join(", ", values.Select(v => $"'{v.Name}'"));
}
