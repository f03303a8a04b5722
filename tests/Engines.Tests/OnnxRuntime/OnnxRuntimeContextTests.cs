using System.Runtime.InteropServices;

namespace Pipeline.Engines.Tests.OnnxRuntime;

public sealed unsafe class OnnxRuntimeContextTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Run_OfAContext_GivesWhatTheEngineGives()
    {
        using IEngine engine = Ort.BuildAndLoad(Ort.Classifier, Cancellation);
        float[] image = [.. Enumerable.Range(0, 2 * 3 * 48 * 64).Select(i => i % 7 / 7f)];
        using EngineOutputs direct = engine.Run([Tensor.Copy<float>("x", image, 2, 3, 48, 64)], Cancellation);
        using IEngineContext context = engine.CreateContext();

        fixed (float* data = image)
        {
            context.SetInput(0, (nint)data, 4L * image.Length, [2, 3, 48, 64]);
            context.Run();
        }

        Assert.Equal(ElementType.Float32, context.OutputType(0));
        Assert.Equal([2, 2], context.OutputShape(0).ToArray());
        Assert.Equal(direct.Data(0).ToArray(), context.OutputData(0).ToArray());
    }

    [Fact]
    public void Run_OnceWarm_AllocatesNothing()
    {
        using IEngine engine = Add();
        using IEngineContext context = engine.CreateContext();
        float* data = stackalloc float[] { 1, 2, 3, 4 };
        Span<long> shape = [4];
        Ask(shape);
        long before = GC.GetAllocatedBytesForCurrentThread();
        float sum = 0;
        for (int i = 0; i < 100; i++) sum += Ask(shape);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(100 * 20, sum);
        Assert.Equal(0, allocated);

        float Ask(ReadOnlySpan<long> of)
        {
            context.SetInput(0, (nint)data, 16, of);
            context.SetInput(1, (nint)data, 16, of);
            context.Run();
            float total = 0;
            foreach (float value in MemoryMarshal.Cast<byte, float>(context.OutputData(0))) total += value;
            return context.OutputShape(0)[0] == 4 ? total : -1;
        }
    }

    [Fact]
    public void Run_AfterRefusalsAndFailures_IsRight()
    {
        using IEngine engine = Add();
        using IEngineContext context = engine.CreateContext();
        float* data = stackalloc float[] { 1, 2, 3, 4 };

        Assert.Equal(EngineErrorKind.InvalidInput, Assert.Throws<EngineException>(context.Run).Kind);
        EngineException size = Assert.Throws<EngineException>(() => context.SetInput(0, 64, 12, [4]));
        Assert.Equal("Input 'a' of type FP32 and shape [4] does not fit its 12 bytes of data.", size.Message);
        context.SetInput(0, (nint)data, 16, [4]);
        context.SetInput(1, (nint)data, 12, [3]);
        Assert.Throws<EngineException>(context.Run);
        Assert.Throws<ObjectDisposedException>(() => context.OutputData(0).Length);

        context.SetInput(0, (nint)data, 16, [4]);
        context.SetInput(1, (nint)data, 16, [4]);
        context.Run();
        Assert.Equal([2f, 4, 6, 8], MemoryMarshal.Cast<byte, float>(context.OutputData(0)).ToArray());
    }

    [Fact]
    public void Context_OfADisposedEngine_RunsOn()
    {
        IEngine engine = Add();
        using IEngineContext context = engine.CreateContext();
        engine.Dispose();
        float* data = stackalloc float[] { 1 };
        context.SetInput(0, (nint)data, 4, [1]);
        context.SetInput(1, (nint)data, 4, [1]);
        context.Run();
        Assert.Equal(2f, MemoryMarshal.Read<float>(context.OutputData(0)));
    }

    [Fact]
    public void Context_OfAnEngineWithoutOne_RunsTheEngine()
    {
        using IEngine engine = FakeEngine.Echo();
        using IEngineContext context = engine.CreateContext();
        float* data = stackalloc float[] { 3, 5 };
        context.SetInput(0, (nint)data, 8, [2]);
        context.Run();
        Assert.Equal([3f, 5], MemoryMarshal.Cast<byte, float>(context.OutputData(0)).ToArray());
        Assert.Equal([2], context.OutputShape(0).ToArray());
    }

    private static IEngine Add() => Ort.BuildAndLoad(
        new TinyModel().Node("Add", ["a", "b"], ["y"]).Input("a", 1, "n").Input("b", 1, "n").Output("y", 1, "n"), Cancellation);
}
