using Pipeline.Local.Processes;

namespace Pipeline.Local.Tests.Processes;

public sealed class FreePortsTests
{
    [Fact]
    public void Take_ManyTimes_GivesEachPortOnce()
    {
        int[] ports = [.. Enumerable.Range(0, 200).Select(_ => FreePorts.Take())];

        Assert.Equal(ports.Length, ports.Distinct().Count());
        Assert.All(ports, port => Assert.InRange(port, 20_000, 31_999));
    }
}
