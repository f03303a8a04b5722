using Pipeline.Engines.Simulation;
using Pipeline.Engines.Tests.TensorRt;

namespace Pipeline.Engines.Tests.Simulation;

/// <summary>Which targets the double can be, and that it then is them.</summary>
public sealed class SimulatedRuntimeTests : TensorRtTest
{
    [Theory]
    [InlineData("sm_75")]
    [InlineData("sm_120")]
    [InlineData("sm_90-h200")]
    [InlineData("sm_89-rtx4090")]
    public void ProgramFor_ATargetThatCanBe_IsThatTarget(string target)
    {
        Assert.True(SimulatedRuntime.CanBe(target));
        SimulatedGpu.Program(SimulatedRuntime.ProgramFor(target));
        BackendProbe probe = Backend().Probe();
        Assert.Null(probe.CanRun(new(target, SimulatedRuntime.Name)));
        Assert.Equal(target, probe.Targets[0]);
        Assert.True(probe.IsSimulated);
    }

    [Theory]
    [InlineData("")]
    [InlineData("sm_7")]
    [InlineData("sm_075")]
    [InlineData("sm_90-")]
    [InlineData("sm_90-hopper")]
    [InlineData("sm_90-nvidia")]
    [InlineData("sm_90-h200-pcie")]
    [InlineData("sm_90-a1b2c3d4e5f6a7b8c9d0e1")]
    [InlineData("SM_90")]
    [InlineData("cpu-x64-avx2")]
    [InlineData("sm_75;fault=crash")]
    public void CanBe_AnythingElse_IsRefused(string target) => Assert.False(SimulatedRuntime.CanBe(target));

    private static SimulatedBackend Backend() => new(SimulatedRuntime.Name, new(), new() { IntraOpThreads = 1 });
}
