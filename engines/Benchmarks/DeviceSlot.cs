using System.Diagnostics;
using Pipeline.Engines.Cuda;

namespace Pipeline.Engines.Benchmarks;

/// <summary>One of the inferences that are in flight at a time: its tensors and the events around its phases.</summary>
internal sealed class DeviceSlot(IStreamedRun run) : IDisposable
{
    private readonly CudaEvent start = new();
    private readonly CudaEvent inputsThere = new();
    private readonly CudaEvent computeStart = new();
    private readonly CudaEvent computeEnd = new();
    private readonly CudaEvent outputStart = new();
    private readonly CudaEvent end = new();
    private double enqueue;

    public bool IsInFlight { get; private set; }

    /// <summary>Enqueues one inference; what was enqueued before has been taken.</summary>
    public void Enqueue(CudaStream input, CudaStream output)
    {
        start.Record(input);
        run.EnqueueInputs(input);
        inputsThere.Record(input);
        run.ComputeStream.WaitFor(inputsThere);
        computeStart.Record(run.ComputeStream);
        long clock = Stopwatch.GetTimestamp();
        run.EnqueueRun();
        enqueue = Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
        computeEnd.Record(run.ComputeStream);
        output.WaitFor(computeEnd);
        outputStart.Record(output);
        run.EnqueueOutputs(output);
        end.Record(output);
        IsInFlight = true;
    }

    /// <summary>Waits for the inference.</summary>
    /// <param name="origin">When the benchmark began.</param>
    public DeviceSample Take(CudaEvent origin)
    {
        end.Synchronize();
        IsInFlight = false;
        return new DeviceSample(
            start.MillisecondsSince(origin), computeStart.MillisecondsSince(origin), end.MillisecondsSince(origin),
            inputsThere.MillisecondsSince(start), computeEnd.MillisecondsSince(computeStart), end.MillisecondsSince(outputStart), enqueue);
    }

    /// <summary>Waits for what is under way: its memory goes.</summary>
    public void Dispose()
    {
        try
        {
            if (IsInFlight) end.Synchronize();
        }
        catch (CudaException)
        {
            // The device failed, and nothing runs on it any more.
        }

        ReadOnlySpan<CudaEvent> moments = [start, inputsThere, computeStart, computeEnd, outputStart, end];
        foreach (CudaEvent moment in moments) moment.Dispose();
        run.Dispose();
    }
}
