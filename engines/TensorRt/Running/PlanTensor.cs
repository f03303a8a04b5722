using Pipeline.Core.Builds;

namespace Pipeline.Engines.TensorRt.Running;

/// <summary>An input or output of a plan.</summary>
/// <param name="Number">What the shim calls it by.</param>
/// <param name="IsOnHost">Its elements are read or written by the processor: TensorRT wants them in the host's memory.</param>
internal sealed record PlanTensor(int Number, TensorDescription Description, ElementType Type, bool IsOnHost)
{
    public string Name => Description.Name;

    /// <summary>As the plan declares it; -1 where it is free.</summary>
    public bool IsFixed => Description.Shape.All(d => d >= 0);
}
