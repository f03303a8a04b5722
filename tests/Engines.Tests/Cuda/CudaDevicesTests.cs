using Pipeline.Engines.Cuda;
using Pipeline.Engines.OnnxRuntime;

namespace Pipeline.Engines.Tests.Cuda;

/// <summary>What a machine says of its GPUs, also one that has none.</summary>
public sealed class CudaDevicesTests
{
    [Fact]
    public void Find_AnyMachine_HasADeviceOrSaysWhyNot()
    {
        CudaDevices found = CudaDevices.Find();
        Assert.Equal(found.Problem is null, !found.Devices.IsEmpty && found.DriverVersion is not null);
        if (found.Problem is { } problem) Assert.EndsWith(".", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cuda")]
    [InlineData("webgpu")]
    public void Probe_GpuProviderWithoutAGpu_SaysWhatIsMissing(string provider)
    {
        CudaDevices found = CudaDevices.Find();
        Assert.SkipUnless(found.Problem is not null || found.IsSimulated, "This machine has a GPU.");
        BackendProbe probe = new OnnxRuntimeBackend(new OnnxRuntimeOptions { Provider = provider }).Probe();
        Assert.Empty(probe.Targets);
        Assert.Equal(EngineErrorKind.ProviderUnavailable, probe.Problem!.Kind);
        Assert.StartsWith($"Execution provider '{provider}' has no GPU here. ", probe.Problem.Message, StringComparison.Ordinal);
        Assert.Equal($"ort-1.29.0-{provider}", probe.Runtime);
    }
}
