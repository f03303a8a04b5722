using System.Runtime.InteropServices;

namespace Pipeline.Engines.Tests.OnnxRuntime;

public sealed class OnnxRuntimeRunTests
{
    private static readonly float[] Numbers = [1, 2, 3, 4, 5, 6];

    public static TheoryData<ElementType> ElementTypes => [.. Enum.GetValues<ElementType>()];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(ElementTypes))]
    public void Run_EachElementType_GivesTheSameBytesBack(ElementType type)
    {
        using IEngine engine = Ort.BuildAndLoad(
            new TinyModel().Node("Identity", ["x"], ["y"]).Input("x", (int)type, "n", 3).Output("y", (int)type, "n", 3),
            Cancellation);
        byte[] bytes = [.. Enumerable.Range(0, 6 * type.SizeBytes()).Select(i => (byte)(i % 2))];

        using EngineOutputs outputs = engine.Run([new Tensor("x", type, [2, 3], bytes)], Cancellation);

        Assert.Equal(type.ProtocolName(), engine.Inputs[0].DataType);
        Assert.Equal(("y", type), (outputs.Name(0), outputs.ElementType(0)));
        Assert.Equal([2, 3], outputs.Shape(0));
        Assert.Equal(bytes, outputs.Data(0).ToArray());
        Assert.Equal(bytes, Assert.Single(outputs.ToTensors()).Data.ToArray());
    }

    [Fact]
    public void Run_SeveralInputs_AreMatchedByName()
    {
        using IEngine engine = TwoInputs();
        Tensor a = Tensor.Copy<float>("a", [5], 1);
        Tensor b = Tensor.Copy<float>("b", [3], 1);

        using EngineOutputs given = engine.Run([a, b], Cancellation);
        using EngineOutputs turned = engine.Run([b, a], Cancellation);

        Assert.Equal([2f], Floats(given));
        Assert.Equal([2f], Floats(turned));
    }

    [Fact]
    public void Run_DataOffItsAlignment_IsRight()
    {
        using IEngine engine = Doubler();
        byte[] body = new byte[25];
        MemoryMarshal.AsBytes<float>(Numbers).CopyTo(body.AsSpan(1));

        using EngineOutputs outputs = engine.Run(
            [new Tensor("x", ElementType.Float32, [2, 3], body.AsMemory(1))], Cancellation);

        Assert.Equal([2, 4, 6, 8, 10, 12], Floats(outputs));
    }

    [Fact]
    public void Run_NoElements_GivesNoElements()
    {
        using IEngine engine = Doubler();
        using EngineOutputs outputs = engine.Run([Tensor.Copy<float>("x", [], 0, 3)], Cancellation);
        Assert.Equal([0, 3], outputs.Shape(0));
        Assert.True(outputs.Data(0).IsEmpty);
    }

    [Fact]
    public void Run_WrongInputs_SayWhatIsWrong()
    {
        using IEngine engine = TwoInputs();
        Tensor a = Tensor.Copy<float>("a", [5], 1);

        Assert.Contains("takes the inputs 'a', 'b'; given are 'a'", Refused(engine, a), StringComparison.Ordinal);
        Assert.Contains("Input 'b' is missing", Refused(engine, a, a), StringComparison.Ordinal);
        Assert.Contains(
            "has type INT64; the engine takes FP32", Refused(engine, a, Tensor.Copy<long>("b", [5], 1)),
            StringComparison.Ordinal);
        Assert.Contains(
            "has shape [1, 1]; the engine takes [-1]", Refused(engine, a, Tensor.Copy<float>("b", [5], 1, 1)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Run_FixedDimensionContradicted_IsRefused()
    {
        using IEngine engine = Doubler();
        Assert.Contains(
            "has shape [3, 2]; the engine takes [-1, 3]", Refused(engine, Tensor.Copy<float>("x", Numbers, 3, 2)),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new long[] { 2, 2 })]
    [InlineData(new long[] { -1, 3 })]
    [InlineData(new long[] { 4611686018427387904, 4 })]
    [InlineData(new long[] { long.MaxValue, long.MaxValue, long.MaxValue })]
    public void Tensor_DataThatDoesNotFitItsShape_IsRefused(long[] shape)
    {
        var error = Assert.Throws<EngineException>(() => Tensor.Copy<float>("x", Numbers, shape));
        Assert.Equal(EngineErrorKind.InvalidInput, error.Kind);
    }

    [Fact]
    public void Run_ShapesThatTheGraphRefuses_IsTyped()
    {
        using IEngine engine = TwoInputs();
        var error = Assert.Throws<EngineException>(() => engine.Run(
            [Tensor.Copy<float>("a", [1, 2], 2), Tensor.Copy<float>("b", [1, 2, 3], 3)], Cancellation));
        Assert.True(error.Kind is EngineErrorKind.RunFailed or EngineErrorKind.InvalidInput, error.Kind.ToString());
    }

    [Fact]
    public void Run_CancelledBefore_DoesNotRun()
    {
        using IEngine engine = Doubler();
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(
            () => engine.Run([Tensor.Copy<float>("x", Numbers, 2, 3)], cancelled.Token));
    }

    [Fact]
    public async Task Run_CancelledDuring_Stops()
    {
        // A loop of 2^40 steps never ends by itself within a test.
        using IEngine engine = Ort.BuildAndLoad(EndlessLoop(), Cancellation);
        using var cancelled = new CancellationTokenSource();
        Tensor steps = Tensor.Copy<long>("steps", [1L << 40]);
        Task run = Task.Run(() => engine.Run([steps], cancelled.Token).Dispose(), Cancellation);

        cancelled.CancelAfter(TimeSpan.FromMilliseconds(100));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => run.WaitAsync(TimeSpan.FromSeconds(60), Cancellation));
    }

    [Fact]
    public void Run_FromManyThreads_GivesEachItsOwn()
    {
        using IEngine engine = Doubler();
        Parallel.For(0, 2000, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancellation }, i =>
        {
            using EngineOutputs outputs = engine.Run([Tensor.Copy<float>("x", [i, i + 1, i + 2], 1, 3)], Cancellation);
            Assert.Equal([2f * i, 2f * (i + 1), 2f * (i + 2)], Floats(outputs));
        });
    }

    [Fact]
    public async Task Run_WhileDisposed_EndsWellOrIsRefused()
    {
        Tensor input = Tensor.Copy<float>("x", Numbers, 2, 3);
        for (int round = 0; round < 20; round++)
        {
            IEngine engine = Doubler();
            var started = new TaskCompletionSource();
            Task[] runs = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(RunUntilRefused, Cancellation))];
            await started.Task.WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
            engine.Dispose();
            await Task.WhenAll(runs).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);

            void RunUntilRefused()
            {
                try
                {
                    while (true)
                    {
                        using EngineOutputs outputs = engine.Run([input], Cancellation);
                        Assert.Equal([2, 4, 6, 8, 10, 12], Floats(outputs));
                        started.TrySetResult();
                    }
                }
                catch (ObjectDisposedException)
                {
                }
            }
        }
    }

    [Fact]
    public void Run_AfterDispose_IsRefusedAndOutputsLive()
    {
        IEngine engine = Doubler();
        Tensor input = Tensor.Copy<float>("x", Numbers, 2, 3);
        EngineOutputs outputs = engine.Run([input], Cancellation);
        engine.Dispose();

        Assert.Throws<ObjectDisposedException>(() => engine.Run([input], Cancellation));
        Assert.Equal([2, 4, 6, 8, 10, 12], Floats(outputs));
        outputs.Dispose();
        Assert.Throws<ObjectDisposedException>(() => outputs.Shape(0));
    }

    [Fact]
    public void Run_Uncancellable_AllocatesLittle()
    {
        using IEngine engine = Doubler();
        Tensor input = Tensor.Copy<float>("x", Numbers, 2, 3);
        engine.Run([input], CancellationToken.None).Dispose();

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) engine.Run([input], CancellationToken.None).Dispose();
        long perRun = (GC.GetAllocatedBytesForCurrentThread() - before) / 100;

        Assert.InRange(perRun, 0, 200);
    }

    private static TinyModel EndlessLoop() => new TinyModel()
        .Node("Loop", ["steps", "", "steps"], ["y"], TinyModel.Body("body", new TinyModel()
            .Node("Identity", ["going"], ["goes"]).Node("Add", ["value", "step"], ["next"])
            .Input("step", 7).Input("going", 9).Input("value", 7)
            .Output("goes", 9).Output("next", 7)))
        .Input("steps", 7).Output("y", 7);

    private static IEngine Doubler() => Ort.BuildAndLoad(
        new TinyModel().Node("Add", ["x", "x"], ["y"]).Input("x", 1, "n", 3).Output("y", 1, "n", 3), Cancellation);

    private static IEngine TwoInputs() => Ort.BuildAndLoad(
        new TinyModel().Node("Sub", ["a", "b"], ["y"]).Input("a", 1, "n").Input("b", 1, "n").Output("y", 1, "n"),
        Cancellation);

    private static float[] Floats(EngineOutputs outputs) => MemoryMarshal.Cast<byte, float>(outputs.Data(0)).ToArray();

    private static string Refused(IEngine engine, params Tensor[] inputs)
    {
        var error = Assert.Throws<EngineException>(() => engine.Run(inputs, Cancellation));
        Assert.Equal(EngineErrorKind.InvalidInput, error.Kind);
        return error.Message;
    }
}
