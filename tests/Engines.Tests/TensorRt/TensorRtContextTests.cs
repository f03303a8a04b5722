using Pipeline.Engines.Cuda;
using Pipeline.Engines.TensorRt;
using Pipeline.Engines.TensorRt.Running;

namespace Pipeline.Engines.Tests.TensorRt;

/// <summary>Lanes: shapes that come again, CUDA graphs, memory that grows.</summary>
public sealed class TensorRtContextTests : TensorRtTest
{
    private static readonly TensorRtOptions Plain = new() { CudaGraphs = 0 };

    [Fact]
    public void Run_ShapesThatComeAgain_LaunchAGraphFromTheThirdRunOn()
    {
        using IEngine engine = Batches();
        using var context = (TensorRtContext)engine.CreateContext();
        bool[] launched = [.. Enumerable.Range(0, 5).Select(i =>
        {
            Run(context, Batch(2, i));
            return context.HasLaunchedGraph;
        })];
        Assert.Equal([false, false, true, true, true], launched);
    }

    [Fact]
    public void Run_WithAndWithoutGraphs_GivesTheSameBytes()
    {
        using IEngine graphs = Batches();
        using IEngine plain = SimulatedGpu.Backend(Plain).Load(File.ReadAllBytes(EnginePath), Cancellation);
        using var one = (TensorRtContext)graphs.CreateContext();
        using var other = (TensorRtContext)plain.CreateContext();
        var random = new Random(5);
        int launched = 0;
        for (int i = 0; i < 300; i++)
        {
            Tensor batch = Batch(random.Next(1, 9), i);
            Assert.Equal(Run(other, batch), Run(one, batch));
            Assert.Equal(batch.Shape.AsSpan(), one.OutputShape(0));
            if (one.HasLaunchedGraph) launched++;
            Assert.False(other.HasLaunchedGraph);
        }

        Assert.InRange(launched, 250, 300);
    }

    [Fact]
    public void Run_MoreShapesThanAreKept_ReplacesTheLongestUnused()
    {
        using IEngine engine = Batches(new TensorRtOptions { CudaGraphs = 2 });
        using var context = (TensorRtContext)engine.CreateContext();
        long before = SimulatedGpu.Settle();
        for (int round = 0; round < 20; round++)
        {
            for (int rows = 1; rows <= 8; rows++) Run(context, Batch(rows));
        }

        // Two native contexts, two buffers for each of the two tensors, no graph.
        Assert.InRange(SimulatedGpu.LiveObjects - before, 1, 8);
        for (int i = 0; i < 3; i++) Run(context, Batch(5));
        Assert.True(context.HasLaunchedGraph);
        Run(context, Batch(6));
        Run(context, Batch(5));
        Assert.True(context.HasLaunchedGraph);
        Run(context, Batch(7));
        Run(context, Batch(8));
        Run(context, Batch(5));
        Assert.False(context.HasLaunchedGraph);
    }

    [Fact]
    public void Run_AfterMemoryGrew_UsesNoGraphOfTheOldAddresses()
    {
        byte[] plan = Build(Model(), Profile("all", 1, 4, 4096));
        using IEngine engine = SimulatedGpu.Backend().Load(plan, Cancellation);
        using var context = (TensorRtContext)engine.CreateContext();
        byte[] expected = Run(context, Batch(2));
        for (int i = 0; i < 3; i++) Run(context, Batch(2));
        Assert.True(context.HasLaunchedGraph);
        Run(context, Batch(4096));
        Assert.Equal(expected, Run(context, Batch(2)));
        Assert.False(context.HasLaunchedGraph);
    }

    [Fact]
    public void Run_MemoryThatIsExhausted_LeavesTheLaneUsable()
    {
        byte[] plan = Build(Model(), Profile("all", 1, 4, 100_000));
        SimulatedGpu.Program("memory=5000000");
        using IEngine engine = SimulatedGpu.Backend().Load(plan, Cancellation);
        using IEngineContext context = engine.CreateContext();
        byte[] expected = Run(context, Batch(3));
        EngineException failed = Assert.Throws<EngineException>(() => Run(context, Batch(100_000)));
        Assert.Equal(EngineErrorKind.OutOfMemory, failed.Kind);
        Assert.Equal(expected, Run(context, Batch(3)));
    }

    [Theory]
    [InlineData(2, "small")]
    [InlineData(8, "small")]
    [InlineData(9, "all")]
    [InlineData(129, null)]
    public void Choose_SeveralProfilesThatFit_TakesTheNarrowest(int rows, string? expected)
    {
        string[] names = ["all", "huge", "small"];
        byte[] plan = Build(Model(), Profile("all", 1, 4, 64), Profile("huge", 1, 4, 128), Profile("small", 1, 4, 8));
        using IEngine engine = SimulatedGpu.Backend().Load(plan, Cancellation);
        PlanDescription description = ((TensorRtEngine)engine).Plan;
        var shapes = new InputShapes(1);
        shapes.Set(0, [rows, 4]);
        Assert.Equal(expected, shapes.Choose(description) is { } chosen ? names[chosen.Number] : null);
    }

    [Fact]
    public void Run_NoMemoryForAnotherNativeContext_UsesOneThatIsThere()
    {
        using IEngine engine = BuildAndLoad(Model(), null, Profile("small", 1, 2, 4), Profile("large", 5, 6, 8));
        using IEngineContext context = engine.CreateContext();
        byte[] three = Run(context, Batch(3));
        Run(context, Batch(2));
        SimulatedGpu.Program("fault=context-memory");
        Run(context, Batch(1));
        Assert.Equal(three, Run(context, Batch(3)));
        Assert.Equal(EngineErrorKind.OutOfMemory, Assert.Throws<EngineException>(() => Run(context, Batch(8))).Kind);
        SimulatedGpu.Program("");
        Assert.Equal(8 * 4 * sizeof(float), Run(context, Batch(8)).Length);
        Assert.Equal(three, Run(context, Batch(3)));
    }

    [Fact]
    public void Run_WithoutItsInputsSetAnew_IsRefused()
    {
        using IEngine engine = Batches();
        using IEngineContext context = engine.CreateContext();
        Run(context, Batch(1));
        EngineException refused = Assert.Throws<EngineException>(context.Run);
        Assert.Equal((EngineErrorKind.InvalidInput, "Input 'x' is missing."), (refused.Kind, refused.Message));
        Assert.Throws<ObjectDisposedException>(() => context.OutputData(0).Length);
    }

    [Fact]
    public unsafe void SetInput_BytesThatDoNotFitTheShape_AreRefused()
    {
        using IEngine engine = Batches();
        using IEngineContext context = engine.CreateContext();
        float* data = stackalloc float[4];
        EngineException refused = Assert.Throws<EngineException>(() => SetTwoRows(context, (nint)data));
        Assert.Equal("Input 'x' of type FP32 and shape [2, 4] does not fit its 16 bytes of data.", refused.Message);

        static void SetTwoRows(IEngineContext context, nint data) => context.SetInput(0, data, 16, [2, 4]);
    }

    [Fact]
    public void Contexts_InParallel_GiveTheirOwnOutputs()
    {
        using IEngine engine = Batches();
        using IEngineContext lone = engine.CreateContext();
        byte[][] expected = [.. Enumerable.Range(0, 8).Select(i => Run(lone, Batch(1 + i, i)))];
        Parallel.For(0, 6, new ParallelOptions { MaxDegreeOfParallelism = 6 }, lane =>
        {
            using IEngineContext context = engine.CreateContext();
            for (int i = 0; i < 200; i++)
            {
                int which = (i + lane) % 8;
                Assert.Equal(expected[which], Run(context, Batch(1 + which, which)));
            }
        });
    }

    [Fact]
    public void Context_OfADisposedEngine_GoesOnWithNewShapesToo()
    {
        long before = SimulatedGpu.Settle();
        IEngine engine = Batches();
        IEngineContext context = engine.CreateContext();
        byte[] expected = Run(context, Batch(2));
        engine.Dispose();
        Assert.Equal(expected, Run(context, Batch(2)));
        Assert.Equal(8 * 4 * sizeof(float), Run(context, Batch(8)).Length);
        context.Dispose();
        context.Dispose();
        Assert.Equal(before, SimulatedGpu.LiveObjects);
        Assert.Throws<ObjectDisposedException>(context.Run);
    }

    [Fact]
    public void Run_ThatCannotBeCaptured_GoesOnWithoutAndTheEngineSaysWhy()
    {
        using IEngine engine = Batches();
        using var context = (TensorRtContext)engine.CreateContext();
        byte[] plain = Run(context, Batch(2));
        Run(context, Batch(2));
        SimulatedGpu.Program($"{Fast};fault=run-failed");
        Assert.Throws<EngineException>(() => Run(context, Batch(2)));
        SimulatedGpu.Program(Fast);
        Assert.Equal(plain, Run(context, Batch(2)));
        Assert.False(context.HasLaunchedGraph);
        Assert.StartsWith($"{SimulatedGpu.Runtime} on GPU 0, a CUDA graph given up: The engine does not run", engine.Description, StringComparison.Ordinal);
        Assert.EndsWith("The double's program says so.", engine.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void Capture_OfACallThatCannotBe_SaysWhichAndLeavesTheStreamUsable()
    {
        Batches().Dispose();
        using var stream = new CudaStream();
        CudaException refused = Assert.Throws<CudaException>(() => CudaGraph.Capture(stream, stream.Synchronize).Dispose());
        Assert.StartsWith("cudaStreamSynchronize failed: ", refused.Message, StringComparison.Ordinal);
        stream.Synchronize();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    public void Run_OnceItHasItsShapes_AllocatesNothing(int graphs)
    {
        using IEngine engine = Batches(new TensorRtOptions { CudaGraphs = graphs });
        using IEngineContext context = engine.CreateContext();
        Tensor input = Batch(4);
        RunOften(10);
        long before = GC.GetAllocatedBytesForCurrentThread();
        RunOften(1000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100);

        void RunOften(int times)
        {
            for (int i = 0; i < times; i++)
            {
                Set(context, input);
                context.Run();
                if (context.OutputData(0).Length != 64 || context.OutputShape(0)[0] != 4) throw new InvalidOperationException();
            }
        }
    }
}
