namespace Pipeline.Core.Gates;

/// <summary>Which definitions a benchmark's numbers follow. They do not compare with each other.</summary>
public static class BenchmarkMethods
{
    /// <summary>A sample is the wall clock of one inference alone, from tensors to tensors.</summary>
    public const string Host = "host";

    /// <summary>
    /// As trtexec measures, transfers included: two inferences in flight; a sample is copy to the device + compute + copy back, each by
    /// the device's own events, waiting not counted; throughput is over the time from the first sample's begin to the last one's end.
    /// </summary>
    public const string CudaEvents = "cuda-events";
}
