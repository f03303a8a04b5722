namespace Pipeline.Engines.TensorRt.Running;

/// <summary>Matches given tensors to a plan's inputs by name; the errors are for who sent them.</summary>
internal static class GivenInputs
{
    /// <summary>The tensors in the plan's order.</summary>
    /// <exception cref="EngineException">InvalidInput.</exception>
    public static Tensor[] InOrder(ReadOnlySpan<Tensor> given, PlanDescription plan)
    {
        if (given.Length != plan.Inputs.Length)
        {
            string names = string.Join("', '", given.ToArray().Select(t => t.Name));
            string taken = string.Join("', '", plan.Inputs.Select(i => i.Name));
            throw Invalid($"The engine takes the inputs '{taken}'; given are '{names}'.");
        }

        var ordered = new Tensor[given.Length];
        for (int i = 0; i < ordered.Length; i++) ordered[i] = Find(given, plan.Inputs[i]);
        return ordered;
    }

    private static Tensor Find(ReadOnlySpan<Tensor> given, PlanTensor input)
    {
        foreach (Tensor tensor in given)
        {
            if (tensor.Name != input.Name) continue;
            return tensor.ElementType == input.Type
                ? tensor
                : throw Invalid(
                    $"Input '{tensor.Name}' has type {tensor.ElementType.ProtocolName()}; the engine takes {input.Type.ProtocolName()}.");
        }

        throw Invalid($"Input '{input.Name}' is missing.");
    }

    private static EngineException Invalid(string message) => new(EngineErrorKind.InvalidInput, message);
}
