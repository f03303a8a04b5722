using Pipeline.Core.Gates;

namespace Pipeline.Core.Tests.Gates;

public sealed class BenchmarkWarningsTests
{
    [Fact]
    public void Of_SteadyComputeThatDominates_IsNothing() => Assert.Empty(BenchmarkWarnings.Of(Phases(0.9, 1, 0.5, 0.8, 2.5)));

    [Theory]
    [InlineData(0.1, 1, 0.1, 0.81, 0, "Bound by enqueueing: the host takes 0.81 ms for 1 ms of compute; CUDA graphs may help.")]
    [InlineData(1, 1, 0.1, 0.1, 0, "Bound by transfers: the copy to the device takes 1 ms, compute 1 ms.")]
    [InlineData(0.1, 1, 1.5, 0.1, 0, "Bound by transfers: the copy to the host takes 1.5 ms, compute 1 ms.")]
    [InlineData(0.1, 1, 0.1, 0.1, 2.6, "Unstable: the compute time varies by 2.6 %; locked clocks or an idle GPU may help.")]
    public void Of_WhatTrtexecWarnsOf_IsOneSentence(
        double toDevice, double compute, double toHost, double enqueue, double variation, string warning) =>
        Assert.Equal([warning], BenchmarkWarnings.Of(Phases(toDevice, compute, toHost, enqueue, variation)));

    private static DevicePhases Phases(double toDevice, double compute, double toHost, double enqueue, double variation) => new()
    {
        CopyToDevice = Phase(toDevice, 0),
        Compute = Phase(compute, variation),
        CopyToHost = Phase(toHost, 0),
        Enqueue = Phase(enqueue, 0),
    };

    private static PhaseTime Phase(double median, double variation) => new()
    {
        MeanMilliseconds = median,
        P50Milliseconds = median,
        P95Milliseconds = median,
        P99Milliseconds = median,
        CoefficientOfVariationPercent = variation,
    };
}
