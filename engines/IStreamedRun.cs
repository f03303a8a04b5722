using Pipeline.Engines.Cuda;

namespace Pipeline.Engines;

/// <summary>
/// One inference after another on the same inputs, each phase enqueued apart; nothing here waits for the device. The caller
/// orders the phases with events and begins no run before the last one is done. One thread at a time.
/// </summary>
public interface IStreamedRun : IDisposable
{
    /// <summary>The stream that <see cref="EnqueueRun"/> enqueues on; several runs of one engine may share it.</summary>
    CudaStream ComputeStream { get; }

    /// <summary>Copies all inputs from pinned memory to the device.</summary>
    void EnqueueInputs(CudaStream stream);

    /// <summary>The inference alone.</summary>
    void EnqueueRun();

    /// <summary>Copies all outputs from the device to pinned memory.</summary>
    void EnqueueOutputs(CudaStream stream);
}
