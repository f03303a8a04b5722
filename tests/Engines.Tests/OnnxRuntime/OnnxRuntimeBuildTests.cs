using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Pipeline.Core.Gates;
using Pipeline.Core.Policies;
using Pipeline.Engines.Accuracy;

namespace Pipeline.Engines.Tests.OnnxRuntime;

public sealed class OnnxRuntimeBuildTests
{
    public static TheoryData<string, long[]> Models => new()
    {
        { Ort.Classifier, [1, 3, 48, 192] },
        { Ort.Recognizer, [1, 3, 48, 320] },
        { Ort.Detector, [1, 3, 96, 160] },
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Models))]
    public void Build_RealModel_LoadsFromBytesAndAgreesWithTheReference(string model, long[] shape)
    {
        using IEngine engine = Ort.BuildAndLoad(model, Cancellation);
        using IEngine reference = Ort.Backend.LoadReference(model, Cancellation);

        AccuracyEvidence evidence = AccuracyCheck.Run(engine, reference, Samples(engine, shape), Cancellation);

        OutputAccuracy output = Assert.Single(evidence.Outputs);
        Assert.True(output.CosineMinimum > 0.99999, $"cosine {output.CosineMinimum}");
        Assert.True(output.MaximumAbsoluteError < 1e-4, $"absolute error {output.MaximumAbsoluteError}");
        Assert.Equal(0, output.NanCount + output.InfinityCount);
        Assert.True(output.ElementCount > 0);
        Assert.Equal(2, evidence.Samples);
        Assert.EndsWith("-cpu, graph optimizations off", evidence.Reference, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_WeightsRoundedToFourBits_LosesAccuracy()
    {
        using var folder = new TestFolder();
        string degraded = folder.Write("model.onnx", WeightRounding.ToFourBits(File.ReadAllBytes(Ort.Recognizer)));
        using IEngine engine = Ort.BuildAndLoad(degraded, Cancellation);
        using IEngine reference = Ort.Backend.LoadReference(Ort.Recognizer, Cancellation);

        AccuracyEvidence evidence = AccuracyCheck.Run(
            engine, reference, Samples(engine, [1, 3, 48, 320]), Cancellation);

        OutputAccuracy output = Assert.Single(evidence.Outputs);
        Assert.True(output.CosineMinimum < 0.999, $"cosine {output.CosineMinimum}");
        Assert.True(output.Top1Agreement < 1, $"top-1 {output.Top1Agreement}");
        Assert.True(output.MaximumAbsoluteError > 0.01, $"absolute error {output.MaximumAbsoluteError}");
    }

    [Fact]
    public void Build_RealModel_DescribesTensors()
    {
        using IEngine engine = Ort.BuildAndLoad(Ort.Recognizer, Cancellation);

        var input = Assert.Single(engine.Inputs);
        Assert.Equal(("x", "FP32"), (input.Name, input.DataType));
        Assert.Equal([-1, 3, 48, -1], input.Shape);
        var output = Assert.Single(engine.Outputs);
        Assert.Equal([-1, -1, 6625], output.Shape);
        Assert.Equal(["", ""], engine.DimensionNames["x"].AsSpan(1, 2).ToArray());
        Assert.NotEqual("", engine.DimensionNames["x"][0]);
        Assert.Equal(1, engine.Threads);
    }

    [Fact]
    public void Build_Succeeds_LeavesOnlyTheEngineAndReports()
    {
        using var folder = new TestFolder();
        var stages = new List<EngineBuildProgress>();
        BuiltEngine built = Ort.Backend.Build(
            new EngineBuildOptions
            {
                ModelPath = Ort.Classifier,
                EnginePath = folder.PathOf("cls.engine"),
                Progress = new Recorder(stages),
            },
            Cancellation);

        Assert.Equal(["cls.engine"], folder.Files);
        Assert.Equal(new FileInfo(built.Path).Length, built.SizeBytes);
        Assert.Equal([new("optimize", null), new("optimize", 1)], stages);
    }

    [Fact]
    public void Build_UnoptimizedOnRequest_KeepsTheGraphLarger()
    {
        using var folder = new TestFolder();
        var options = new EngineBuildOptions { ModelPath = Ort.Detector, EnginePath = folder.PathOf("a") };
        int optimized = Nodes(Ort.Backend.Build(options, Cancellation));
        int plain = Nodes(Ort.Backend.Build(options with { Optimize = false }, Cancellation));

        Assert.True(plain > optimized, $"{plain} nodes plain, {optimized} optimized");

        static int Nodes(BuiltEngine built) => OnnxFields.Of(File.ReadAllBytes(built.Path), 7, 1).Count();
    }

    [Fact]
    public void Build_ExternalData_EngineStandsAlone()
    {
        using var folder = new TestFolder();
        float[] weights = [.. Enumerable.Range(0, 64 * 64).Select(i => (i % 7) - 3f)];
        folder.Write("weights.data", MemoryMarshal.AsBytes<float>(weights).ToArray());
        string model = folder.Write("model.onnx", new TinyModel()
            .ExternalInitializer("w", [64, 64], "weights.data")
            .Node("MatMul", ["x", "w"], ["y"])
            .Input("x", 1, "n", 64).Output("y", 1, "n", 64).ToBytes());
        float[] ones = [.. Enumerable.Repeat(1f, 64)];

        using IEngine reference = Ort.Backend.LoadReference(model, Cancellation);
        BuiltEngine built = Ort.Backend.Build(
            new EngineBuildOptions
            {
                ModelPath = model,
                EnginePath = folder.PathOf("e"),
                ExternalData = ["weights.data"],
            },
            Cancellation);
        File.Delete(folder.PathOf("weights.data"));
        using IEngine engine = Ort.Backend.Load(File.ReadAllBytes(built.Path), Cancellation);
        using EngineOutputs outputs = engine.Run([Tensor.Copy<float>("x", ones, 1, 64)], Cancellation);

        float expected = Enumerable.Range(0, 64).Sum(row => weights[row * 64]);
        Assert.Equal(expected, MemoryMarshal.Cast<byte, float>(outputs.Data(0))[0]);
        using EngineOutputs wanted = reference.Run([Tensor.Copy<float>("x", ones, 1, 64)], Cancellation);
        Assert.Equal(wanted.Data(0).ToArray(), outputs.Data(0).ToArray());
    }

    private static IEnumerable<AccuracySample> Samples(IEngine engine, long[] shape)
    {
        ImmutableArray<long> dimensions = [.. shape];
        var profile = new ShapeProfile
        {
            Name = "p",
            Inputs = ImmutableSortedDictionary<string, ShapeRange>.Empty.Add(
                "x", new ShapeRange { Minimum = dimensions, Typical = dimensions, Maximum = dimensions }),
        };
        return AccuracyCheck.SeededSamples(engine.Inputs, [profile], new AccuracyLimits { SeededSamples = 2 });
    }

    private sealed class Recorder(List<EngineBuildProgress> stages) : IProgress<EngineBuildProgress>
    {
        public void Report(EngineBuildProgress value) => stages.Add(value);
    }
}
