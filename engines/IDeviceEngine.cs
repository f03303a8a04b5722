using System.Collections.Immutable;

namespace Pipeline.Engines;

/// <summary>An engine on a CUDA device, whose runs can be enqueued phase by phase, so that a benchmark can time each.</summary>
public interface IDeviceEngine : IEngine
{
    /// <summary>Ordinal of its GPU.</summary>
    int Device => 0;

    /// <summary>
    /// Whether a run whose shapes differ from those of the run before it takes far longer, warm or not: who batches then keeps to
    /// one number of items.
    /// </summary>
    bool PrefersOneShape => false;

    /// <summary>Device and pinned memory for runs on these inputs. The caller disposes it.</summary>
    /// <exception cref="EngineException">InvalidInput or RunFailed.</exception>
    IStreamedRun CreateStreamedRun(ImmutableArray<Tensor> inputs);
}
