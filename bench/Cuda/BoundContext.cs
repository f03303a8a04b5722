using System.Buffers;
using System.Runtime.InteropServices;
using Pipeline.Engines;

namespace Pipeline.Bench.Cuda;

/// <summary>A context that is given tensors, and is held against what a plain run gave.</summary>
internal sealed class BoundContext(IEngine engine) : IDisposable
{
    private readonly IEngineContext context = engine.CreateContext();

    public unsafe void Run(Tensor input)
    {
        using MemoryHandle pin = input.Data.Pin();
        context.SetInput(0, (nint)pin.Pointer, input.Data.Length, input.Shape.AsSpan());
        context.Run();
    }

    /// <summary>Runs, and finds how far the first output is from what is expected.</summary>
    public double Difference(Tensor input, ReadOnlySpan<byte> expected)
    {
        Run(input);
        ReadOnlySpan<float> actual = MemoryMarshal.Cast<byte, float>(context.OutputData(0));
        ReadOnlySpan<float> wanted = MemoryMarshal.Cast<byte, float>(expected);
        if (actual.Length != wanted.Length) throw new InvalidOperationException($"{actual.Length} elements came, not {wanted.Length}.");
        double largest = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            double difference = Math.Abs(actual[i] - wanted[i]);
            // Also for NaN.
            if (!(difference <= largest)) largest = difference;
        }

        return largest;
    }

    public void Dispose() => context.Dispose();
}
