using System.Collections.Immutable;
using Pipeline.Engines;

namespace Pipeline.Edge.Batching;

/// <summary>What an engine takes and gives, made once an engine.</summary>
internal sealed class EngineSignature(IEngine engine)
{
    public ImmutableArray<TensorSignature> Inputs { get; } = [.. engine.Inputs.Select(i => new TensorSignature(i))];

    public ImmutableArray<TensorSignature> Outputs { get; } = [.. engine.Outputs.Select(o => new TensorSignature(o))];

    /// <summary>Whether it runs on a CUDA device.</summary>
    public bool IsOnDevice { get; } = engine is IDeviceEngine;

    /// <summary>Whether batches of it always have as many rows as they may.</summary>
    public bool PrefersOneShape { get; } = engine is IDeviceEngine { PrefersOneShape: true };

    /// <summary>The place of an input or output, or -1.</summary>
    public static int IndexOf(ImmutableArray<TensorSignature> tensors, ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < tensors.Length; i++)
        {
            if (tensors[i].NameBytes.SequenceEqual(name)) return i;
        }

        return -1;
    }
}
