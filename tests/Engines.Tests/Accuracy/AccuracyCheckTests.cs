using Pipeline.Core.Builds;
using Pipeline.Core.Gates;
using Pipeline.Engines.Accuracy;

namespace Pipeline.Engines.Tests.Accuracy;

public sealed class AccuracyCheckTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Run_GoldenWithExpectedOutputs_ComparesWithBoth()
    {
        using FakeEngine engine = FakeEngine.Echo();
        using FakeEngine reference = FakeEngine.Echo();

        AccuracyEvidence evidence = AccuracyCheck.Run(engine, reference, [Golden("y", [1, 4])], Cancellation);

        Assert.Equal("golden", evidence.Inputs);
        Assert.Equal("fake", evidence.Reference);
        Assert.Equal(0, Assert.Single(evidence.Outputs).MaximumAbsoluteError);
        Assert.Equal(2, Assert.Single(evidence.ExpectedOutputs).MaximumAbsoluteError);
    }

    [Fact]
    public void Run_NoExpectedOutputs_LeavesThemEmpty()
    {
        using FakeEngine engine = FakeEngine.Echo();
        var sample = new AccuracySample { Inputs = [Tensor.Copy<float>("x", [1, 2], 2)] };

        AccuracyEvidence evidence = AccuracyCheck.Run(engine, engine, [sample, sample], Cancellation);

        Assert.Equal((2, "seeded"), (evidence.Samples, evidence.Inputs));
        Assert.Empty(evidence.ExpectedOutputs);
    }

    [Fact]
    public void Run_GoldenThatDoesNotFit_NamesTheFile()
    {
        using FakeEngine engine = FakeEngine.Echo();

        var error = Assert.Throws<EngineException>(
            () => AccuracyCheck.Run(engine, engine, [Golden("nothing", [1, 2])], Cancellation));

        Assert.Equal(BuildFailureKind.GoldenMismatch, error.FailureKind);
        Assert.Contains("'golden/a.npz'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'nothing'", error.Message, StringComparison.Ordinal);
    }

    private static AccuracySample Golden(string output, float[] expected) => new()
    {
        GoldenFile = "golden/a.npz",
        Inputs = [Tensor.Copy<float>("x", [1, 2], 2)],
        Expected = [Tensor.Copy<float>(output, expected, expected.Length)],
    };
}
