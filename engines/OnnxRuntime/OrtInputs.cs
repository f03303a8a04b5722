using System.Collections.Immutable;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>Matches given tensors to an engine's inputs; the errors are for who sent them.</summary>
internal static class OrtInputs
{
    /// <summary>The tensor for an input, of its type and fixed dimensions.</summary>
    /// <exception cref="EngineException">InvalidInput.</exception>
    public static Tensor Find(ReadOnlySpan<Tensor> tensors, OrtTensorInfo info)
    {
        foreach (Tensor tensor in tensors)
        {
            if (tensor.Name != info.Description.Name) continue;
            if (tensor.ElementType != info.ElementType)
            {
                throw Invalid(
                    $"Input '{tensor.Name}' has type {tensor.ElementType.ProtocolName()}; " +
                    $"the engine takes {info.Description.DataType}.");
            }

            if (!Fits(tensor.Shape.AsSpan(), info.Description.Shape.AsSpan()))
            {
                throw Invalid(
                    $"Input '{tensor.Name}' has shape [{string.Join(", ", tensor.Shape)}]; " +
                    $"the engine takes [{string.Join(", ", info.Description.Shape)}], -1 being free.");
            }

            return tensor;
        }

        throw Missing(info);
    }

    public static EngineException WrongCount(ReadOnlySpan<Tensor> tensors, ImmutableArray<OrtTensorInfo> infos)
    {
        string given = string.Join("', '", tensors.ToArray().Select(t => t.Name));
        string taken = string.Join("', '", infos.Select(i => i.Description.Name));
        return Invalid($"The engine takes the inputs '{taken}'; given are '{given}'.");
    }

    public static EngineException Missing(OrtTensorInfo info) => Invalid($"Input '{info.Description.Name}' is missing.");

    public static EngineException WrongSize(OrtTensorInfo info, long sizeBytes, ReadOnlySpan<long> shape) => Invalid(
        $"Input '{info.Description.Name}' of type {info.ElementType.ProtocolName()} and shape " +
        $"[{string.Join(", ", shape.ToArray())}] does not fit its {sizeBytes} bytes of data.");

    private static bool Fits(ReadOnlySpan<long> shape, ReadOnlySpan<long> declared)
    {
        if (shape.Length != declared.Length) return false;
        for (int i = 0; i < shape.Length; i++)
        {
            if (declared[i] >= 0 && shape[i] != declared[i]) return false;
        }

        return true;
    }

    private static EngineException Invalid(string message) => new(EngineErrorKind.InvalidInput, message);
}
