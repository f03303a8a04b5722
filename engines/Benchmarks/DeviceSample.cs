namespace Pipeline.Engines.Benchmarks;

/// <summary>One inference on a device, in milliseconds; starts and ends are since the benchmark began, on the device's clock.</summary>
internal readonly record struct DeviceSample(
    double Start, double ComputeStart, double End, double CopyToDevice, double Compute, double CopyToHost, double Enqueue)
{
    /// <summary>As trtexec has it: what waits in between is not part of it.</summary>
    public double Latency => CopyToDevice + Compute + CopyToHost;
}
