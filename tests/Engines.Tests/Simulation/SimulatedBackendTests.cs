using System.Buffers.Binary;
using System.Collections.Immutable;
using Pipeline.Core.Naming;
using Pipeline.Engines.OnnxRuntime;
using Pipeline.Engines.Simulation;
using Pipeline.Engines.Tests.TensorRt;
using Pipeline.Engines.TensorRt;

namespace Pipeline.Engines.Tests.Simulation;

/// <summary>Builds and refusals as on a GPU, answers as of the model.</summary>
public sealed class SimulatedBackendTests : TensorRtTest
{
    private const int HeaderBytes = 26 + 4 + 8 + 8;
    private const int FormatAt = 26;
    private const int PlanLengthAt = 30;

    [Fact]
    public void Create_ASimulatedRuntime_IsASimulation() =>
        Assert.IsType<SimulatedBackend>(EngineBackends.Create(SimulatedRuntime.Name, new OnnxRuntimeOptions(), new TensorRtOptions()));

    [Fact]
    public void Engine_BuiltAndLoaded_GivesTheModelsAnswers()
    {
        byte[] engine = BuildSimulated(Profile("all", 1, 2, 4));
        using IEngine loaded = Backend().Load(engine, Cancellation);
        using IEngineContext context = loaded.CreateContext();

        Assert.StartsWith("SIMULATED: trt-11.1.0.106-simulated on GPU 0; answers by ort-", loaded.Description, StringComparison.Ordinal);
        Assert.Equal([0, 0, 0, 1, 2, 3, 4, 5], Floats(Run(context, Batch(2, first: -2))));
        Assert.Equal([0, 0, 0, 1], Floats(loaded.Run([Batch(1, first: -2)], Cancellation).ToTensors()[0].Data.Span));
        Assert.Equal(["n", ""], loaded.DimensionNames["x"]);
        Assert.True(loaded.DeviceMemoryBytes > 0);
        Assert.Equal(16L << 30, Backend().ReadDeviceMemory()!.Value.TotalBytes);
    }

    [Fact]
    public void Engine_ShapesOutsideItsProfiles_AreRefusedAsTensorRtDoes()
    {
        using IEngine loaded = Backend().Load(BuildSimulated(Profile("small", 1, 2, 4)), Cancellation);
        using IEngineContext context = loaded.CreateContext();

        EngineException refused = Assert.Throws<EngineException>(() => Run(context, Batch(5)));

        Assert.Equal(EngineErrorKind.InvalidInput, refused.Kind);
        Assert.Equal([0, 1, 2, 3], Floats(Run(context, Batch(1))));
    }

    [Fact]
    public void Build_Progress_Cache_AndLog_AreTheDoublesOwn()
    {
        SimulatedGpu.Program("build_seconds=0.05");
        var told = new List<EngineBuildProgress>();
        byte[] chain = new TinyModel().Input("x", 1, "n", 4).Output("y", 1, "n", 4)
            .Node("Relu", ["x"], ["a"]).Node("Abs", ["a"], ["b"]).Node("Neg", ["b"], ["y"]).ToBytes();
        BuiltEngine built = Backend().Build(
            BuildOptions(chain) with { Progress = new Told(told), TimingCachePath = TimingCachePath }, Cancellation);

        Assert.StartsWith("SIMULATED", built.Log[0], StringComparison.Ordinal);
        Assert.Contains(told, p => p.Fraction is > 0 and < 1);
        Assert.Equal(new("done", 1), told[^1]);
        Assert.Equal(built.SizeBytes, new FileInfo(EnginePath).Length);
        Assert.StartsWith("PIPELINE-SIMULATED-ENGINE\n", File.ReadAllText(EnginePath), StringComparison.Ordinal);
        Assert.Equal(["built.engine", "model.onnx", "timing.cache"], Files.Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("out-of-memory", EngineErrorKind.OutOfMemory)]
    [InlineData("build-failed", EngineErrorKind.BuildFailed)]
    [InlineData("unsupported-operator", EngineErrorKind.UnsupportedOperator)]
    public void Build_AProgrammedFault_IsTypedAndLeavesNothing(string fault, EngineErrorKind kind)
    {
        SimulatedGpu.Program($"{Fast};fault={fault}");
        Assert.Equal(kind, Assert.Throws<EngineException>(() => BuildSimulated()).Kind);
        Assert.Equal("model.onnx", Path.GetFileName(Assert.Single(Files)));
    }

    [Theory]
    [InlineData("device=sm_75", EngineErrorKind.OtherDevice)]
    [InlineData("version=11.0.0.1", EngineErrorKind.OtherVersion)]
    [InlineData("memory=1", EngineErrorKind.OutOfMemory)]
    public void Load_OnSomethingElse_IsRefusedAsTensorRtDoes(string program, EngineErrorKind kind)
    {
        byte[] engine = BuildSimulated();
        SimulatedGpu.Program(program);
        Assert.Equal(kind, Assert.Throws<EngineException>(() => Backend().Load(engine, Cancellation)).Kind);
    }

    [Theory]
    [InlineData("context-memory", EngineErrorKind.OutOfMemory)]
    [InlineData("run-failed", EngineErrorKind.RunFailed)]
    public void Run_AProgrammedFault_IsTyped(string fault, EngineErrorKind kind)
    {
        byte[] engine = BuildSimulated();
        SimulatedGpu.Program($"{Fast};fault={fault}");
        using IEngine loaded = Backend().Load(engine, Cancellation);
        Assert.Equal(kind, Assert.Throws<EngineException>(() => loaded.Run([Batch(1)], Cancellation)).Kind);
    }

    [Fact]
    public void Load_LengthsThatLie_AreRefused()
    {
        byte[] engine = BuildSimulated();
        long plan = BinaryPrimitives.ReadInt64LittleEndian(engine.AsSpan(PlanLengthAt));
        foreach (long lie in (long[])[0, -1, plan + 1, engine.Length, long.MaxValue, long.MinValue])
        {
            foreach (int at in (int[])[PlanLengthAt, PlanLengthAt + 8])
            {
                byte[] damaged = [.. engine];
                BinaryPrimitives.WriteInt64LittleEndian(damaged.AsSpan(at), lie);
                AssertRefused(damaged, "whose lengths are not those of its parts");
            }
        }

        for (int length = 0; length < HeaderBytes; length++) AssertRefused(engine[..length], "it is no simulated engine");
        AssertRefused(engine[..^1], "whose lengths are not those of its parts");
        AssertRefused([.. engine, 0], "whose lengths are not those of its parts");
        byte[] other = [.. engine];
        other[FormatAt] = 2;
        AssertRefused(other, "of format 2; this program reads 1");
        other[0] ^= 1;
        AssertRefused(other, "it is no simulated engine");
    }

    [Fact]
    public void Load_PartsOfTwoModels_IsRefused()
    {
        byte[] one = BuildSimulated();
        byte[] two = BuildSimulated(new TinyModel().Input("z", 1, "n", 4).Output("y", 1, "n", 4).Node("Relu", ["z"], ["y"]).ToBytes());
        byte[] mixed = [.. one[..(PlanLengthAt + 8)], .. Number(two.Length - HeaderBytes - PlanLength(two)), .. PlanOf(one), .. ModelOf(two)];

        long before = SimulatedGpu.Settle();
        AssertRefused(mixed, "its two parts have other inputs or outputs");
        Assert.Equal(before, SimulatedGpu.LiveObjects);
    }

    [Fact]
    public void Engines_OfTensorRtAndOfItsSimulation_DoNotLoadAsEachOther()
    {
        byte[] simulated = BuildSimulated();
        byte[] plan = Build(Model());
        Assert.Equal(
            EngineErrorKind.LoadFailed, Assert.Throws<EngineException>(() => SimulatedGpu.Backend().Load(simulated, Cancellation)).Kind);
        AssertRefused(plan, "it is no simulated engine");
        Assert.Equal(
            LaneRefusalKind.OtherRuntime, Backend().Probe().CanRun(Lane.Parse("sm_90/trt-11.1.0.106"))!.Kind);
    }

    [Fact]
    public void KeyOptions_OfBothParts_AreInTheKey()
    {
        ImmutableSortedDictionary<string, string> options = Backend().KeyOptions;
        Assert.Contains("graphOptimization", options.Keys);
        Assert.Contains("tensorRt.tf32", options.Keys);
    }

    private static SimulatedBackend Backend() => new(SimulatedRuntime.Name, new(), new() { IntraOpThreads = 1 });

    private static long PlanLength(byte[] engine) => BinaryPrimitives.ReadInt64LittleEndian(engine.AsSpan(PlanLengthAt));

    private static byte[] PlanOf(byte[] engine) => engine[HeaderBytes..(HeaderBytes + (int)PlanLength(engine))];

    private static byte[] ModelOf(byte[] engine) => engine[(HeaderBytes + (int)PlanLength(engine))..];

    private static byte[] Number(long value) => BitConverter.GetBytes(value);

    private static void AssertRefused(byte[] engine, string why)
    {
        EngineException refused = Assert.Throws<EngineException>(() => Backend().Load(engine, Cancellation));
        Assert.Equal(EngineErrorKind.LoadFailed, refused.Kind);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    private byte[] BuildSimulated(params Pipeline.Core.Policies.ShapeProfile[] profiles) => BuildSimulated(Model(), profiles);

    private byte[] BuildSimulated(byte[] model, params Pipeline.Core.Policies.ShapeProfile[] profiles)
    {
        Backend().Build(BuildOptions(model, profiles), Cancellation);
        return File.ReadAllBytes(EnginePath);
    }

    private sealed class Told(List<EngineBuildProgress> told) : IProgress<EngineBuildProgress>
    {
        public void Report(EngineBuildProgress value) => told.Add(value);
    }
}
