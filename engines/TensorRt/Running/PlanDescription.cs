using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Pipeline.Core.Builds;
using Pipeline.Engines.TensorRt.Native;

namespace Pipeline.Engines.TensorRt.Running;

/// <summary>What a loaded plan says of itself, read once.</summary>
internal sealed record PlanDescription
{
    public required ImmutableArray<PlanTensor> Inputs { get; init; }

    public required ImmutableArray<PlanTensor> Outputs { get; init; }

    /// <summary>The narrowest first.</summary>
    public required ImmutableArray<PlanProfile> Profiles { get; init; }

    /// <summary>What a context of the largest profile takes of the device, in bytes.</summary>
    public required long ContextBytes { get; init; }

    /// <summary>What the weights take, in bytes; 0 where the library does not tell.</summary>
    public required long WeightBytes { get; init; }

    /// <exception cref="EngineException">UnsupportedTensor, or LoadFailed.</exception>
    public static PlanDescription Read(PlanHandle plan)
    {
        PlanTensor[] inputs = [.. Tensors(plan, isInput: true)];
        int profiles = ShimMethods.ProfileCount(plan);
        if (inputs.Length == 0 || profiles < 1)
            throw new EngineException(EngineErrorKind.LoadFailed, "The engine has no inputs, or no shapes that it takes.");
        (long Context, long Weights)[] memory = [.. Enumerable.Range(0, profiles).Select(p => Memory(plan, p))];
        return new PlanDescription
        {
            Inputs = [.. inputs],
            Outputs = [.. Tensors(plan, isInput: false)],
            Profiles = [.. Enumerable.Range(0, profiles).Select(p => Profile(plan, p, inputs)).OrderBy(p => p.Volume)],
            ContextBytes = memory.Max(m => m.Context),
            WeightBytes = memory.Max(m => m.Weights),
        };
    }

    private static IEnumerable<PlanTensor> Tensors(PlanHandle plan, bool isInput)
    {
        int count = ShimMethods.TensorCount(plan);
        for (int i = 0; i < count; i++)
        {
            Failed(ShimMethods.DescribeTensor(plan, i, out NativeTensor tensor));
            if (tensor.IsInput != 0 == isInput) yield return Describe(i, tensor);
        }
    }

    private static unsafe PlanTensor Describe(int number, NativeTensor tensor)
    {
        string name = Marshal.PtrToStringUTF8((nint)tensor.Name) ?? "";
        // ENGINE_FLOAT and so on: the header's own numbers.
        ElementType type = tensor.Type switch
        {
            1 => ElementType.Float32,
            2 => ElementType.Float16,
            3 => ElementType.BFloat16,
            4 => ElementType.Int8,
            5 => ElementType.UInt8,
            6 => ElementType.Int32,
            7 => ElementType.Int64,
            8 => ElementType.Bool,
            _ => throw new EngineException(
                EngineErrorKind.UnsupportedTensor, $"Tensor '{name}' of the engine has a type that nothing outside TensorRT reads."),
        };
        var description = new TensorDescription { Name = name, DataType = type.ProtocolName(), Shape = [.. tensor.Shape.ToArray()] };
        return new PlanTensor(number, description, type, tensor.IsOnHost != 0);
    }

    private static PlanProfile Profile(PlanHandle plan, int number, PlanTensor[] inputs)
    {
        NativeProfileInput[] ranges =
        [
            .. inputs.Select(input =>
            {
                Failed(ShimMethods.DescribeProfile(plan, number, input.Number, out NativeProfileInput range));
                return range;
            }),
        ];
        return new PlanProfile(
            number, [.. ranges.Select(r => r.Minimum.ToArray())], [.. ranges.Select(r => r.Maximum.ToArray())]);
    }

    private static (long Context, long Weights) Memory(PlanHandle plan, int profile)
    {
        Failed(ShimMethods.Memory(plan, profile, out ulong deviceBytes, out ulong weightBytes));
        return ((long)Math.Min(deviceBytes, long.MaxValue), (long)Math.Min(weightBytes, long.MaxValue));
    }

    private static void Failed(EngineStatus status) =>
        status.ThrowIfFailed(EngineErrorKind.LoadFailed, "The engine does not describe itself");
}
