using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Pipeline.Core.Naming;
using Pipeline.Engines;
using Pipeline.GpuWorker.Jobs;

namespace Pipeline.GpuWorker.Tests.Jobs;

public sealed class LaneGuardTests
{
    private const string H100 = "sm_90/trt-11.1.0.106";

    private static readonly BackendProbe Probe = new()
    {
        Runtime = "trt-11.1.0.106",
        LibraryPath = "libpipeline_trt11.so",
        Providers = [],
        Targets = ["sm_90-h100", "sm_90"],
        Driver = "580.95",
        CudaRuntime = "13.0",
        Problem = null,
    };

    /// <summary>What a machine lacks for a lane, and the refusal.</summary>
    public static TheoryData<string, string, string> Refusals => new()
    {
        { "TensorRT", "sm_90/trt-10.9.0.34", "Lane 'sm_90/trt-10.9.0.34' needs TensorRT 10.9.0.34; here is TensorRT 11.1.0.106." },
        { "GPU", "sm_75/trt-11.1.0.106", "needs target 'sm_75'; this machine runs 'sm_90-h100', 'sm_90'." },
        { "ONNX Runtime", "sm_90/ort-1.29.0-cuda", "needs runtime 'ort-1.29.0-cuda'; here is 'trt-11.1.0.106'." },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Lane_IsNotThisMachines_RefusalNamesWhatDiffersAndWhatIsHere(string what, string lane, string said)
    {
        string? refusal = Guard(Probe, lane).Refusal(Lane.Parse(lane));

        Assert.True(refusal?.Contains(said, StringComparison.Ordinal) == true, $"{what}: {refusal}");
        Assert.EndsWith("Here: GPU 'NVIDIA H100', driver 580.95, CUDA 13.0.", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Backend_HasAProblem_RefusalIsTheProblem()
    {
        BackendProbe old = Probe with
        {
            Targets = [],
            Driver = null,
            CudaRuntime = null,
            Problem = new EngineException(EngineErrorKind.ProviderUnavailable, "CUDA 13.0 needs a newer driver; this one runs up to 12.2."),
        };

        Assert.Equal(
            $"Lane '{H100}' has no runtime here: CUDA 13.0 needs a newer driver; this one runs up to 12.2.",
            Guard(old, H100, gpu: null).Refusal(Lane.Parse(H100)));
    }

    [Fact]
    public void Lane_IsThisMachines_IsNotRefused() => Assert.Null(Guard(Probe, H100).Refusal(Lane.Parse(H100)));

    [Fact]
    public void Facts_OfASimulatedGpu_SayAllThatTheProbeTells()
    {
        ImmutableSortedDictionary<string, string> facts =
            new WorkerMachine(Probe with { IsSimulated = true }, "Simulated h100").Facts("worker-1");

        Assert.Equal(
            ("worker-1", "580.95", "13.0", "Simulated h100"), (facts["name"], facts["driver"], facts["cuda"], facts["gpu"]));
        Assert.StartsWith("SIMULATED: ", facts["simulated"], StringComparison.Ordinal);
    }

    [Fact]
    public void Facts_OfAProcessor_NameNoGpu()
    {
        ImmutableSortedDictionary<string, string> facts = WorkerMachine.Look(Workbench.Backend, device: 0).Facts("worker-1");

        Assert.Equal(["host", "name", "os", "processors"], facts.Keys);
    }

    private static LaneGuard Guard(BackendProbe probe, string lane, string? gpu = "NVIDIA H100") =>
        new(new WorkerMachine(probe, gpu), Options.Create(new WorkerOptions { Lane = lane }));
}
