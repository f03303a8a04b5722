using System.Collections.Immutable;
using Pipeline.Core.Naming;
using Pipeline.Engines.OnnxRuntime;
using Pipeline.Engines.TensorRt;

namespace Pipeline.Engines.Tests.TensorRt;

/// <summary>What a machine says of TensorRT, and what it says is missing.</summary>
public sealed class TensorRtProbeTests : TensorRtTest
{
    [Theory]
    [InlineData("", "sm_90")]
    [InlineData("device=sm_75-t4", "sm_75-t4 sm_75")]
    [InlineData("device=sm_90-h200", "sm_90-h200 sm_90")]
    public void Probe_ASimulatedGpu_SaysAllOfIt(string program, string targets)
    {
        SimulatedGpu.Program(program);
        BackendProbe probe = SimulatedGpu.Backend().Probe();
        Assert.Null(probe.Problem);
        Assert.Equal(SimulatedGpu.Runtime, probe.Runtime);
        Assert.Equal(SimulatedGpu.LibraryPath, probe.LibraryPath);
        Assert.Equal(targets, string.Join(' ', probe.Targets));
        Assert.Equal(("13.0", "13.0", true), (probe.Driver, probe.CudaRuntime, probe.IsSimulated));
    }

    [Fact]
    public void CanRun_TheDouble_TakesNoLaneOfTheRealRuntime()
    {
        BackendProbe probe = SimulatedGpu.Backend().Probe();
        Assert.Null(probe.CanRun(Lane.Parse("sm_90/trt-11.1.0.106-simulated")));
        Assert.Equal(LaneRefusalKind.OtherRuntime, probe.CanRun(Lane.Parse("sm_90/trt-11.1.0.106"))!.Kind);
        Assert.Equal(LaneRefusalKind.OtherTarget, probe.CanRun(Lane.Parse("sm_75/trt-11.1.0.106-simulated"))!.Kind);
    }

    [Theory]
    [InlineData("device=none", "TensorRT has no GPU here. There is no NVIDIA GPU.")]
    [InlineData("cuda=13.0;driver=12.4", "TensorRT has no GPU here. CUDA 13.0 needs a newer driver; this one runs up to 12.4.")]
    public void Probe_WithoutWhatItNeeds_SaysWhatIsMissing(string program, string sentence)
    {
        SimulatedGpu.Program(program);
        BackendProbe probe = SimulatedGpu.Backend().Probe();
        Assert.Equal((EngineErrorKind.ProviderUnavailable, sentence), (probe.Problem!.Kind, probe.Problem.Message));
        Assert.Empty(probe.Targets);
        Assert.Equal(SimulatedGpu.Runtime, probe.Runtime);
        Assert.Equal(LaneRefusalKind.BackendMissing, probe.CanRun(Lane.Parse("sm_90/trt-11.1.0.106-simulated"))!.Kind);
    }

    [Fact]
    public void Probe_AGpuThatIsNotThere_SaysHowManyThereAre()
    {
        TensorRtBackend backend = SimulatedGpu.Backend(new TensorRtOptions { Device = 3 });
        const string Sentence = "TensorRT has no GPU here. 'TensorRt:Device' is 3; there are 1 GPUs.";
        Assert.Equal(Sentence, backend.Probe().Problem!.Message);
        Assert.Equal(Sentence, Assert.Throws<EngineException>(() => backend.Load(new byte[1], Cancellation)).Message);
        Assert.Null(backend.ReadDeviceMemory());
    }

    [Fact]
    public void Probe_AShimThatIsNotThere_SaysHowToGetIt()
    {
        BackendProbe probe = SimulatedGpu.Backend(runtime: "trt-9.0.0.1").Probe();
        Assert.Equal(EngineErrorKind.LibraryMissing, probe.Problem!.Kind);
        Assert.Contains("'libpipeline_trt9.so' is neither in", probe.Problem.Message, StringComparison.Ordinal);
        Assert.Contains("TENSORRT_INCLUDE", probe.Problem.Message, StringComparison.Ordinal);
        Assert.Null(probe.Runtime);
    }

    [Theory]
    [InlineData("trt-", "'trt-' names no TensorRT")]
    [InlineData("trt-x11", "'trt-x11' names no TensorRT")]
    public void Probe_ANameThatIsNone_IsRefused(string runtime, string sentence)
    {
        BackendProbe probe = SimulatedGpu.Backend(runtime: runtime).Probe();
        Assert.StartsWith(sentence, probe.Problem!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadDeviceMemory_OnTheGpu_IsWhatItHas()
    {
        SimulatedGpu.Program("memory=1000000");
        Assert.Equal(1_000_000, SimulatedGpu.Backend().ReadDeviceMemory()!.Value.TotalBytes);
    }

    [Theory]
    [InlineData("trt-11.1.0.106", typeof(TensorRtBackend))]
    [InlineData("trt-11", typeof(TensorRtBackend))]
    [InlineData("ort-1.29.0-cpu", typeof(OnnxRuntimeBackend))]
    [InlineData("", typeof(OnnxRuntimeBackend))]
    public void Create_ARuntime_IsItsBackend(string runtime, Type backend) =>
        Assert.IsType(backend, EngineBackends.Create(runtime, new OnnxRuntimeOptions(), new TensorRtOptions()));

    [Fact]
    public void LoadReference_OfAModel_IsOnnxRuntimeOnTheProcessor()
    {
        using IEngine reference = SimulatedGpu.Backend().LoadReference(Write(Model()), Cancellation);
        Assert.StartsWith("ort-", reference.Description, StringComparison.Ordinal);
        ImmutableArray<Tensor> outputs = reference.Run([Batch(1, first: -2)], Cancellation).ToTensors();
        Assert.Equal([0, 0, 0, 1], Floats(outputs[0].Data.Span));
    }
}
