using Pipeline.Core.Builds;
using Pipeline.Core.Gates;
using Pipeline.GpuWorker.Jobs;
using Pipeline.Onnx.Npz;
using Pipeline.Onnx.Rewriting;
using Pipeline.Testing;

namespace Pipeline.GpuWorker.Tests.Jobs;

public sealed class GoldenTests(CloudFixture cloud)
{
    /// <summary>Golden files of the tiny model that do not fit it, and what the sentence must say.</summary>
    public static TheoryData<string, byte[], string> Misfits => new()
    {
        { "unknown name", TestModels.Npz(X(), NpyArray.Of<float>("z", [1, 4], new float[4])), "'z' is neither" },
        { "type", TestModels.Npz(NpyArray.Of<double>("x", [1, 4], new double[4])), "'x' has type FP64" },
        { "shape", TestModels.Npz(NpyArray.Of<float>("x", [2, 4], new float[8])), "'x' has shape [2, 4]" },
        { "rank", TestModels.Npz(NpyArray.Of<float>("x", [4], new float[4])), "'x' has shape [4]" },
        { "missing input", TestModels.Npz(NpyArray.Of<float>("y", [1, 4], new float[4])), "lacks the input 'x'" },
        { "no arrays", TestModels.Npz(), "'x'" },
        { "no npz", [1, 2, 3], "cannot be read" },
    };

    [Theory]
    [MemberData(nameof(Misfits))]
    public async Task Golden_DoesNotFit_FailsAndSaysWhy(string what, byte[] golden, string said)
    {
        using var bench = new Workbench(cloud);
        BuildRequest request = await bench.RequestAsync(TestModels.Tiny(), golden);

        JobOutcome.Failed failed = await bench.FailAsync(request);

        Assert.True(failed.Kind == BuildFailureKind.GoldenMismatch, what);
        Assert.Contains(said, failed.Message, StringComparison.Ordinal);
        Assert.Contains("golden/0.npz", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Golden_ExpectedOutputsOfTheOriginal_FailWeightsOf4BitsAndPassBFloat16()
    {
        using var bench = new Workbench(cloud);
        byte[][] golden = [TestModels.ClassifierGolden(Workbench.Backend, 1), TestModels.ClassifierGolden(Workbench.Backend, 2)];
        byte[] original = TestModels.Classifier();

        async Task<AccuracyEvidence> MeasureAsync(WeightTransform transform)
        {
            byte[] model = await TestModels.RewrittenAsync(original, transform);
            return (await bench.BuildAsync(await bench.RequestAsync(model, golden))).Accuracy;
        }

        AccuracyEvidence degraded = await MeasureAsync(WeightTransform.QuantizeToBits(4));
        AccuracyEvidence rounded = await MeasureAsync(WeightTransform.RoundToBFloat16);

        GateDecision rejected = AccuracyGate.Judge(degraded, Workbench.Policy.Accuracy);
        Assert.Equal(Verdict.Failed, rejected.Verdict);
        Assert.All(rejected.Reasons, r => Assert.Contains("against the golden file's own", r, StringComparison.Ordinal));
        Assert.Equal(Verdict.Passed, AccuracyGate.Judge(rounded, Workbench.Policy.Accuracy).Verdict);
        Assert.Equal(("golden", 2), (rounded.Inputs, rounded.Samples));
        Assert.NotEmpty(rounded.ExpectedOutputs);
    }

    private static NpyArray X() => NpyArray.Of<float>("x", [1, 4], new float[4]);
}
