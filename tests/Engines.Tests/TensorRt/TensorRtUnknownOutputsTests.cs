using Pipeline.Engines.TensorRt.Running;

namespace Pipeline.Engines.Tests.TensorRt;

/// <summary>Outputs whose shape only the run tells.</summary>
public sealed class TensorRtUnknownOutputsTests : TensorRtTest
{
    [Fact]
    public void Run_WhatCannotBeCaptured_RunsWithout()
    {
        using IEngine engine = BuildAndLoad(DataDependent());
        using var context = (TensorRtContext)engine.CreateContext();
        for (int i = 0; i < 5; i++)
        {
            Run(context, Numbers(16, i));
            Assert.False(context.HasLaunchedGraph);
        }
    }

    [Fact]
    public void Run_OutputsThatDependOnTheData_HaveTheirShape()
    {
        using IEngine engine = BuildAndLoad(DataDependent());
        using IEngineContext context = engine.CreateContext();
        var lengths = new HashSet<long>();
        Run(context, Numbers(16, 0));
        long withOne = SimulatedGpu.Settle();
        for (int i = 0; i < 20; i++)
        {
            byte[] bytes = Run(context, Numbers(16, i));
            Assert.Equal(bytes.Length, context.OutputShape(0)[0] * sizeof(float));
            Assert.Equal(bytes, Run(context, Numbers(16, i)));
            lengths.Add(bytes.Length);
        }

        Assert.InRange(lengths.Count, 2, 20);
        // The shapes of the inputs are the same: one native context does.
        Assert.Equal(withOne, SimulatedGpu.LiveObjects);
    }

    [Fact]
    public void Run_OutputsLargerThanTheirMemory_GetMoreAndRunAgain()
    {
        // 4 MB of floats for each row that the data gives: more than an output of unknown size has at first.
        byte[] model = new TinyModel().Input("x", 1, 16).Output("y", 1, "data_dependent", 1 << 20).Node("NonZero", ["x"], ["y"]).ToBytes();
        using IEngine engine = BuildAndLoad(model);
        using IEngineContext context = engine.CreateContext();
        for (int i = 0; i < 10; i++)
        {
            byte[] bytes = Run(context, Numbers(16, i));
            Assert.Equal(context.OutputShape(0)[0] << 22, bytes.Length);
        }
    }

    [Fact]
    public void Run_OutputsThatNeverFit_RunsOutOfMemory()
    {
        byte[] model = new TinyModel().Input("x", 1, 16).Output("y", 1, "data_dependent", 1 << 20).Node("NonZero", ["x"], ["y"]).ToBytes();
        using IEngine engine = BuildAndLoad(model);
        using IEngineContext context = engine.CreateContext();
        // Enough for the input and the first guess, not for a larger one.
        DeviceMemoryState memory = SimulatedGpu.Backend().ReadDeviceMemory()!.Value;
        SimulatedGpu.Program($"memory={memory.TotalBytes - memory.FreeBytes + 3_000_000}");
        EngineException failed = Assert.Throws<EngineException>(() =>
        {
            for (int i = 0; i < 10; i++) Run(context, Numbers(16, i));
        });
        Assert.Equal(EngineErrorKind.OutOfMemory, failed.Kind);
        Assert.Contains("of tensor 'y'", failed.Message, StringComparison.Ordinal);
    }

    private static byte[] DataDependent() =>
        new TinyModel().Input("x", 1, 16).Output("y", 1, "data_dependent").Node("NonZero", ["x"], ["y"]).ToBytes();

    private static Tensor Numbers(int count, float first) =>
        Tensor.Copy<float>("x", [.. Enumerable.Range(0, count).Select(i => first + i)], count);
}
