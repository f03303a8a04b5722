using System.Collections.Immutable;
using Pipeline.Core.Builds;
using Pipeline.Engines;
using Pipeline.Engines.Accuracy;
using Pipeline.Onnx.Npz;

namespace Pipeline.GpuWorker.Jobs;

/// <summary>Fits the arrays of a golden file to an engine: inputs it must have, outputs it may state.</summary>
internal static class GoldenSamples
{
    /// <exception cref="JobFailedException">The file is not a readable npz.</exception>
    public static ImmutableArray<NpyArray> Read(GoldenFile file)
    {
        using FileStream stream = File.OpenRead(file.Path);
        NpzContent content = NpzReader.Read(stream, limits: null);
        return content.IsSound
            ? content.Arrays
            : throw new JobFailedException(
                BuildFailureKind.GoldenMismatch, $"The golden file '{file.Name}' cannot be read: {content.Fault}");
    }

    /// <exception cref="JobFailedException">The file does not fit; the sentence names it and what to change.</exception>
    public static AccuracySample Of(IEngine engine, GoldenFile file)
    {
        var inputs = ImmutableArray.CreateBuilder<Tensor>();
        var expected = ImmutableArray.CreateBuilder<Tensor>();
        foreach (NpyArray array in Read(file))
        {
            TensorDescription? input = engine.Inputs.FirstOrDefault(i => i.Name == array.Name);
            TensorDescription? output = engine.Outputs.FirstOrDefault(o => o.Name == array.Name);
            if ((input ?? output) is not { } tensor)
                throw Mismatch(file, $"'{array.Name}' is neither an input nor an output of the model; there are {Known(engine)}");
            if (Fault(array, tensor) is { } fault) throw Mismatch(file, fault);
            // Both enumerations carry ONNX's own numbers.
            var fitted = new Tensor(array.Name, (ElementType)(int)array.ElementType, array.Shape, array.Data);
            (input is not null ? inputs : expected).Add(fitted);
        }

        string[] missing = [.. engine.Inputs.Select(i => i.Name).Except(inputs.Select(i => i.Name))];
        if (missing.Length > 0) throw Mismatch(file, $"it lacks the input '{string.Join("', '", missing)}'");
        return new AccuracySample
        {
            GoldenFile = file.Name,
            Inputs = inputs.ToImmutable(),
            Expected = expected.ToImmutable(),
        };
    }

    private static string? Fault(NpyArray array, TensorDescription tensor)
    {
        string type = ((ElementType)(int)array.ElementType).ProtocolName();
        if (type != tensor.DataType) return $"'{array.Name}' has type {type}; the model says {tensor.DataType}";
        bool fits = array.Shape.Length == tensor.Shape.Length &&
            array.Shape.Zip(tensor.Shape).All(d => d.Second < 0 || d.First == d.Second);
        return fits
            ? null
            : $"'{array.Name}' has shape [{string.Join(", ", array.Shape)}]; " +
              $"the model says [{string.Join(", ", tensor.Shape)}], -1 being free";
    }

    private static string Known(IEngine engine) =>
        $"'{string.Join("', '", engine.Inputs.Concat(engine.Outputs).Select(t => t.Name))}'";

    private static JobFailedException Mismatch(GoldenFile file, string what) =>
        new(BuildFailureKind.GoldenMismatch, $"The golden file '{file.Name}' does not fit: {what}.");
}
