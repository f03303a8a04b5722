using System.Collections.Immutable;
using Pipeline.Core.Builds;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;
using Pipeline.Engines;
using Pipeline.Engines.OnnxRuntime;
using Pipeline.Engines.TensorRt;
using Pipeline.GpuWorker.Jobs;

namespace Pipeline.GpuWorker.Tests.Jobs;

public sealed class EngineKeysTests
{
    private static readonly BackendProbe OnCuda = Workbench.Backend.Probe() with { CudaRuntime = "13.0", Driver = "580.95" };

    private static readonly BuildRequest Request = new()
    {
        Schema = BuildRequest.CurrentSchema,
        Model = "model",
        Version = "1",
        AcceptanceNumber = 1,
        Lane = Lane.Parse("cpu-x64-avx2/ort-1.29.0-cpu"),
        Attempt = 1,
        Source = new SourceFile { Path = "model/1/model.onnx", ETag = "x", SizeBytes = 1, Sha256 = new string('a', 64) },
        Policy = new PromotionPolicy(),
    };

    private static readonly FetchedModel Model = new()
    {
        ModelPath = "model.onnx",
        ExternalData = ImmutableSortedDictionary<string, string>.Empty,
        Golden = [],
    };

    // Frozen: another value makes every engine of the processor's lanes look unbuilt.
    [Fact]
    public void Key_OnAProcessor_NeverChanges() => Assert.Equal(
        "fdfd599c6954a7b5d86131108eda1eb72b6196477b4e1b0e7314e048fa8df27b", KeyOf(new OnnxRuntimeBackend(new OnnxRuntimeOptions())));

    [Fact]
    public void Key_DependsOnCudaAndTheBackendsOptions()
    {
        var cpu = new OnnxRuntimeBackend(new OnnxRuntimeOptions());
        string[] keys =
        [
            KeyOf(cpu),
            KeyOf(cpu, OnCuda),
            KeyOf(cpu, OnCuda with { CudaRuntime = "12.9" }),
            KeyOf(WithProvider("use_tf32", "1"), OnCuda),
            KeyOf(WithProvider("gpu_mem_limit", "1000000"), OnCuda),
            KeyOf(TensorRt(new TensorRtBuildOptions()), OnCuda),
            KeyOf(TensorRt(new TensorRtBuildOptions { Tf32 = true }), OnCuda),
        ];

        Assert.Equal(keys.Length, keys.Distinct().Count());
        Assert.Equal(KeyOf(WithProvider("enable_cuda_graph", "1"), OnCuda), KeyOf(WithProvider("use_tf32", "0"), OnCuda));
    }

    [Fact]
    public void Key_DoesNotDependOnTheDriverTheOrdinalOrTheThreads()
    {
        var cpu = new OnnxRuntimeBackend(new OnnxRuntimeOptions());

        Assert.Equal(KeyOf(cpu, OnCuda), KeyOf(cpu, OnCuda with { Driver = "600.1" }));
        Assert.Equal(KeyOf(cpu, OnCuda), KeyOf(WithProvider("device_id", "1"), OnCuda));
        Assert.Equal(KeyOf(cpu), KeyOf(new OnnxRuntimeBackend(new OnnxRuntimeOptions { IntraOpThreads = 7 })));
    }

    private static string KeyOf(IEngineBackend backend, BackendProbe? probe = null) =>
        EngineKeys.Of(Request, Model, backend, probe ?? Workbench.Backend.Probe());

    private static OnnxRuntimeBackend WithProvider(string name, string value) => new(new OnnxRuntimeOptions
    {
        Provider = "cuda",
        ProviderOptions = ImmutableSortedDictionary<string, string>.Empty.Add(name, value),
    });

    private static TensorRtBackend TensorRt(TensorRtBuildOptions build) =>
        new("trt-11", new TensorRtOptions { Build = build }, new OnnxRuntimeOptions());
}
