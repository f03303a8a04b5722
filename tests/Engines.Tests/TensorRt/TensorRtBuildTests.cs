using Pipeline.Engines.TensorRt;

namespace Pipeline.Engines.Tests.TensorRt;

/// <summary>Builds: what they make, what they say meanwhile, and how they fail.</summary>
public sealed class TensorRtBuildTests : TensorRtTest
{
    [Fact]
    public void Build_TheSameTwice_IsTheSameBytes()
    {
        byte[] first = Build(Model(), Profile("all", 1, 4, 8));
        byte[] again = Build(Model(), Profile("all", 1, 4, 8));
        byte[] other = Build(Model(), Profile("all", 1, 4, 16));
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
    }

    [Fact]
    public void Build_EveryOption_ReachesTheBuild()
    {
        TensorRtBuildOptions[] options =
        [
            new(),
            new() { WorkspaceBytes = 1 << 20 },
            new() { TacticDramBytes = 1 << 20 },
            new() { TacticSharedMemoryBytes = 1 << 20 },
            new() { OptimizationLevel = 5 },
            new() { HardwareCompatibility = HardwareCompatibility.AmperePlus },
            new() { HardwareCompatibility = HardwareCompatibility.SameComputeCapability },
            new() { Tf32 = true },
            new() { VersionCompatible = true },
            new() { WeightStreaming = true },
            new() { DescribeLayers = true },
        ];
        string[] plans = [.. options.Select(o => Plan(new TensorRtOptions { Build = o }, optimize: true)), Plan(new(), optimize: false)];
        Assert.Equal(plans.Length, plans.Distinct().Count());

        string Plan(TensorRtOptions tensorRt, bool optimize)
        {
            SimulatedGpu.Backend(tensorRt).Build(BuildOptions(Model()) with { Optimize = optimize }, Cancellation);
            return Convert.ToHexString(File.ReadAllBytes(EnginePath));
        }
    }

    [Fact]
    public void Build_Done_LeavesTheEngineAlone()
    {
        BuiltEngine built = SimulatedGpu.Backend().Build(BuildOptions(Model()), Cancellation);
        Assert.Equal((EnginePath, new FileInfo(EnginePath).Length), (built.Path, built.SizeBytes));
        Assert.Contains(built.Log, line => line.StartsWith("info: The double of TensorRT has read 1 nodes", StringComparison.Ordinal));
        Assert.Equal(["built.engine", "model.onnx"], Files);
    }

    [Theory]
    [InlineData("parse-error", EngineErrorKind.BuildFailed, "parsing fail")]
    [InlineData("unsupported-operator", EngineErrorKind.UnsupportedOperator, "an operator unsupported")]
    [InlineData("build-failed", EngineErrorKind.BuildFailed, "TensorRT did not build the engine.")]
    [InlineData("out-of-memory", EngineErrorKind.OutOfMemory, "The GPU is out of memory.")]
    [InlineData("timing-cache-miss", EngineErrorKind.BuildFailed, "does not contain a tactic")]
    public void Build_WhateverFails_IsTypedAndLeavesNothing(string fault, EngineErrorKind kind, string sentence)
    {
        SimulatedGpu.Program($"{Fast};fault={fault}");
        EngineException failed = Assert.Throws<EngineException>(() => Build(Model()));
        Assert.Equal(kind, failed.Kind);
        Assert.StartsWith("Model 'model.onnx' does not build: ", failed.Message, StringComparison.Ordinal);
        Assert.Contains(sentence, failed.Message, StringComparison.Ordinal);
        Assert.Equal(fault == "unsupported-operator" ? "Simulated" : null, failed.Operator);
        Assert.Equal(fault is "build-failed" or "out-of-memory" or "timing-cache-miss" ? 1 : 0, failed.Log.Length);
        Assert.Equal(["model.onnx"], Files);
    }

    [Fact]
    public void Build_ThatFails_KeepsTheEngineThatWasThere()
    {
        byte[] before = Build(Model());
        SimulatedGpu.Program($"{Fast};fault=build-failed");
        Assert.Throws<EngineException>(() => Build(Model("Sigmoid")));
        Assert.Equal(before, File.ReadAllBytes(EnginePath));
    }

    [Fact]
    public void Build_AFileThatIsNoModel_IsRefused()
    {
        EngineException refused = Assert.Throws<EngineException>(() => Build([1, 2, 3]));
        Assert.Equal(EngineErrorKind.BuildFailed, refused.Kind);
        Assert.StartsWith("Model 'model.onnx' does not build: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_AModelThatIsNotThere_IsRefused()
    {
        EngineBuildOptions options = BuildOptions(Model()) with { ModelPath = "/not/there.onnx" };
        EngineException refused = Assert.Throws<EngineException>(() => SimulatedGpu.Backend().Build(options, Cancellation));
        Assert.StartsWith("Model 'there.onnx' cannot be read: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_ProfilesThatDoNotFit_AreRefusedBeforeTheBuild()
    {
        EngineException refused = Assert.Throws<EngineException>(() => Build(Model(), Profile("bad", 0, 4, 8)));
        Assert.Equal(EngineErrorKind.ProfileFailed, refused.Kind);
        Assert.StartsWith("Shape profile 'bad' says the minimum shape [0, 4]", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_InputsThatTensorRtDoesNotTake_AreRefused()
    {
        const int Float8 = 17;
        Refused(
            new TinyModel().Input("x", 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), "Input 'x' has 9 dimensions; TensorRT takes 8.");
        Refused(
            new TinyModel().Input("x", Float8, 1),
            "Input 'x' is not a tensor of numbers or booleans; export the model with inputs that are.");

        void Refused(TinyModel model, string sentence)
        {
            byte[] bytes = model.Output("y", 1, 1).Node("Relu", ["x"], ["y"]).ToBytes();
            EngineException refused = Assert.Throws<EngineException>(() => Build(bytes));
            Assert.Equal((EngineErrorKind.UnsupportedTensor, sentence), (refused.Kind, refused.Message));
        }
    }

    [Fact]
    public void Build_Progress_RisesToTheEnd()
    {
        SimulatedGpu.Program("build_seconds=0.1");
        var told = new Reports();
        SimulatedGpu.Backend().Build(BuildOptions(Model("Relu", "Sigmoid", "Tanh")) with { Progress = told }, Cancellation);
        Assert.Equal(("start", null), (told.All[0].Stage, told.All[0].Fraction));
        Assert.Equal(("done", 1), (told.All[^1].Stage, told.All[^1].Fraction));
        double[] fractions = [.. told.All.Where(p => p.Stage == "Building engine").Select(p => p.Fraction!.Value)];
        Assert.Equal(1, fractions[^1]);
        Assert.Equal(fractions.Order(), fractions);
        Assert.Contains(fractions, f => f is > 0 and < 1);
    }

    [Fact]
    public void Build_CancelledInTheMiddle_StopsAndLeavesNothing()
    {
        SimulatedGpu.Program("build_seconds=600");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        EngineBuildOptions options = BuildOptions(Model()) with { Progress = new Reports(p => { if (p.Fraction >= 0) stop.Cancel(); }) };
        Assert.Throws<OperationCanceledException>(() => SimulatedGpu.Backend().Build(options, stop.Token));
        Assert.Equal(["model.onnx"], Files);
    }

    [Fact]
    public void Build_WhoeverHearsTheProgressFails_StopsWithHisError()
    {
        SimulatedGpu.Program("build_seconds=600");
        EngineBuildOptions options = BuildOptions(Model()) with
        {
            Progress = new Reports(p => { if (p.Fraction >= 0) throw new InvalidDataException("mine"); }),
        };
        Assert.Equal("mine", Assert.Throws<InvalidDataException>(() => SimulatedGpu.Backend().Build(options, Cancellation)).Message);
    }

    [Fact]
    public void Build_WithATimingCache_ReadsAndReplacesIt()
    {
        EngineBuildOptions options = BuildOptions(Model("Relu")) with { TimingCachePath = TimingCachePath };
        SimulatedGpu.Backend().Build(options, Cancellation);
        string first = File.ReadAllText(TimingCachePath);
        Assert.Contains("Relu ", first, StringComparison.Ordinal);
        Write(Model("Sigmoid"));
        SimulatedGpu.Backend().Build(options, Cancellation);
        string second = File.ReadAllText(TimingCachePath);
        Assert.Contains("Relu ", second, StringComparison.Ordinal);
        Assert.Contains("Sigmoid ", second, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_WithATimingCacheThatIsNone_BuildsWithoutIt()
    {
        File.WriteAllText(TimingCachePath, "rubbish");
        EngineBuildOptions options = BuildOptions(Model()) with { TimingCachePath = TimingCachePath };
        BuiltEngine built = SimulatedGpu.Backend().Build(options, Cancellation);
        Assert.Contains("warning: The timing cache may be of another device or version; built again without it.", built.Log);
        Assert.StartsWith("PIPELINE-DOUBLE-TIMINGS", File.ReadAllText(TimingCachePath), StringComparison.Ordinal);
    }

    [Fact]
    public void Build_Replayed_NeedsEveryTacticOfTheRecording()
    {
        var record = new TensorRtOptions { Build = new TensorRtBuildOptions { Tactics = TacticTiming.Record } };
        var replay = new TensorRtOptions { Build = new TensorRtBuildOptions { Tactics = TacticTiming.Replay } };
        EngineBuildOptions options = BuildOptions(Model("Relu")) with { TimingCachePath = TimingCachePath };
        SimulatedGpu.Backend(record).Build(options, Cancellation);
        SimulatedGpu.Backend(replay).Build(options, Cancellation);
        Write(Model("Sigmoid"));
        EngineException missed = Assert.Throws<EngineException>(() => SimulatedGpu.Backend(replay).Build(options, Cancellation));
        Assert.Equal(EngineErrorKind.BuildFailed, missed.Kind);
        Assert.Contains("does not contain operator 'Sigmoid'", missed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_DescribingLayers_WritesThemBesideTheEngine()
    {
        var options = new TensorRtOptions { Build = new TensorRtBuildOptions { DescribeLayers = true } };
        SimulatedGpu.Backend(options).Build(BuildOptions(Model()), Cancellation);
        Assert.Contains("\"LayerType\":\"Relu\"", File.ReadAllText(EnginePath + ".layers.json"), StringComparison.Ordinal);
    }

    [Fact]
    public void Build_AnOptionOutOfRange_NamesTheSetting()
    {
        Refuses(new() { OptimizationLevel = 6 }, "OptimizationLevel' is '6'; it takes 0 to 5.");
        Refuses(new() { TacticDramBytes = -1 }, "TacticDramBytes' is '-1'; it takes 0 or more bytes.");
        const string Shared = "it takes 0 or more bytes, less than 1 GiB.";
        Refuses(new() { TacticSharedMemoryBytes = -1 }, $"TacticSharedMemoryBytes' is '-1'; {Shared}");
        Refuses(new() { TacticSharedMemoryBytes = 1 << 30 }, $"TacticSharedMemoryBytes' is '1073741824'; {Shared}");

        void Refuses(TensorRtBuildOptions build, string sentence)
        {
            EngineException refused = Assert.Throws<EngineException>(
                () => SimulatedGpu.Backend(new TensorRtOptions { Build = build }).Build(BuildOptions(Model()), Cancellation));
            Assert.Equal($"Setting 'TensorRt:Build:{sentence}", refused.Message);
        }
    }

    [Fact]
    public void Build_ManyLinesLogged_AreBounded()
    {
        var log = new Engines.TensorRt.Building.BuildLog();
        for (int i = 0; i < 1000; i++) log.Add(3, $"line {i} {new string('x', 5000)}");
        Assert.Equal(201, log.Lines.Length);
        Assert.StartsWith("info: line 99 ", log.Lines[99], StringComparison.Ordinal);
        Assert.Equal("800 lines were dropped here.", log.Lines[100]);
        Assert.StartsWith("info: line 999 ", log.Lines[^1], StringComparison.Ordinal);
        Assert.All(log.Lines, line => Assert.InRange(line.Length, 1, 1010));
    }

    private sealed class Reports(Action<EngineBuildProgress>? heard = null) : IProgress<EngineBuildProgress>
    {
        public List<EngineBuildProgress> All { get; } = [];

        public void Report(EngineBuildProgress value)
        {
            All.Add(value);
            heard?.Invoke(value);
        }
    }
}
