using System.Collections.Immutable;
using Pipeline.Core.Policies;
using Pipeline.Engines.Profiles;

namespace Pipeline.Engines.Tests.TensorRt;

/// <summary>Engines run on the simulated GPU: real native calls, real copies.</summary>
public sealed class TensorRtRunTests : TensorRtTest
{
    [Fact]
    public void Engine_OfAModel_DescribesItsTensors()
    {
        using IEngine engine = Batches();
        Assert.Equal(("x", "FP32", "-1 4"), (engine.Inputs[0].Name, engine.Inputs[0].DataType, string.Join(' ', engine.Inputs[0].Shape)));
        Assert.Equal(("y", "FP32", "-1 4"), (engine.Outputs[0].Name, engine.Outputs[0].DataType, string.Join(' ', engine.Outputs[0].Shape)));
        Assert.Equal(["", ""], engine.DimensionNames["x"]);
        Assert.Equal($"{SimulatedGpu.Runtime} on GPU 0", engine.Description);
        // Inputs and outputs of eight rows, and the weights.
        Assert.Equal((2 * 8 * 4 * 4) + new FileInfo(Write(Model())).Length, engine.DeviceMemoryBytes);
    }

    [Fact]
    public void Run_TheSameAndOtherInputs_GiveTheSameAndOtherOutputs()
    {
        using IEngine engine = Batches();
        Tensor first = Only(engine.Run([Batch(2)], Cancellation));
        Tensor again = Only(engine.Run([Batch(2)], Cancellation));
        Tensor other = Only(engine.Run([Batch(2, first: 1)], Cancellation));
        Assert.Equal([2, 4], first.Shape);
        Assert.All(Floats(first.Data.Span), value => Assert.InRange(value, 0, 1));
        Assert.Equal(first.Data.ToArray(), again.Data.ToArray());
        Assert.NotEqual(first.Data.ToArray(), other.Data.ToArray());
    }

    [Fact]
    public void Run_InputsByName_ComeInAnyOrder()
    {
        byte[] model = new TinyModel().Input("a", 1, 2).Input("b", 7, 3).Output("sum", 1, 2).Output("copy", 7, 3)
            .Node("Relu", ["a"], ["sum"]).Node("Identity", ["b"], ["copy"]).ToBytes();
        using IEngine engine = BuildAndLoad(model);
        Tensor a = Tensor.Copy<float>("a", [1, 2], 2);
        Tensor b = Tensor.Copy<long>("b", [1, 2, 3], 3);
        ImmutableArray<Tensor> one = engine.Run([a, b], Cancellation).ToTensors();
        ImmutableArray<Tensor> other = engine.Run([b, a], Cancellation).ToTensors();
        Assert.Equal([("sum", ElementType.Float32), ("copy", ElementType.Int64)], one.Select(t => (t.Name, t.ElementType)));
        Assert.Equal(one[1].Data.ToArray(), other[1].Data.ToArray());
    }

    [Theory]
    [InlineData(9, "Input 'x' has shape [9, 4]; the engine was built for [1, 4] to [8, 4].")]
    [InlineData(0, "Input 'x' has shape [0, 4]; the engine was built for [1, 4] to [8, 4].")]
    public void Run_AShapeOutsideTheProfiles_IsRefused(int rows, string sentence)
    {
        using IEngine engine = Batches();
        EngineException refused = Assert.Throws<EngineException>(() => engine.Run([Batch(rows)], Cancellation));
        Assert.Equal((EngineErrorKind.InvalidInput, sentence), (refused.Kind, refused.Message));
        Assert.Equal([8, 4], Only(engine.Run([Batch(8)], Cancellation)).Shape);
    }

    [Fact]
    public void Run_InputsOfOtherNamesTypesOrRanks_AreRefused()
    {
        using IEngine engine = Batches();
        Refused("The engine takes the inputs 'x'; given are ''.");
        Refused("Input 'x' is missing.", Tensor.Copy<float>("z", [1], 1));
        Refused("Input 'x' has type INT64; the engine takes FP32.", Tensor.Copy<long>("x", [1, 2, 3, 4], 1, 4));
        Refused("Input 'x' has shape [4]; the engine was built for [1, 4] to [8, 4].", Tensor.Copy<float>("x", [1, 2, 3, 4], 4));

        void Refused(string sentence, params Tensor[] inputs)
        {
            EngineException refused = Assert.Throws<EngineException>(() => engine.Run(inputs, Cancellation));
            Assert.Equal((EngineErrorKind.InvalidInput, sentence), (refused.Kind, refused.Message));
        }
    }

    [Fact]
    public void Run_SeveralProfiles_TakesAnyOfTheirShapesAndNoneBetween()
    {
        using IEngine engine = BuildAndLoad(Model(), null, Profile("large", 64, 64, 128), Profile("small", 1, 2, 8));
        foreach (long rows in new long[] { 1, 128, 8, 64, 2, 100 })
            Assert.Equal([rows, 4], Only(engine.Run([Batch(rows)], Cancellation)).Shape);
        EngineException refused = Assert.Throws<EngineException>(() => engine.Run([Batch(9)], Cancellation));
        Assert.Equal(
            "Input 'x' has shape [9, 4]; the engine was built for [1, 4] to [8, 4] or [64, 4] to [128, 4].", refused.Message);
    }

    [Fact]
    public void Run_ShapesThatNoOneProfileTakesTogether_AreRefused()
    {
        byte[] model = new TinyModel().Input("a", 1, "n").Input("b", 1, "m").Output("y", 1, "n")
            .Node("Relu", ["a"], ["y"]).Node("Relu", ["b"], ["z"]).ToBytes();
        using IEngine engine = BuildAndLoad(model, null, Both("small", 1), Both("large", 2));
        EngineException refused = Assert.Throws<EngineException>(
            () => engine.Run([Tensor.Copy<float>("a", [1], 1), Tensor.Copy<float>("b", [1, 2], 2)], Cancellation));
        Assert.Equal(
            "No shape profile of the engine takes 'a' [1], 'b' [2]; it was built for 'a' [1] to [1], 'b' [1] to [1]; "
            + "or 'a' [2] to [2], 'b' [2] to [2].",
            refused.Message);

        static ShapeProfile Both(string name, long size) => new()
        {
            Name = name,
            Inputs = ImmutableSortedDictionary.CreateRange(
                StringComparer.Ordinal,
                new[] { "a", "b" }.Select(input => KeyValuePair.Create(
                    input, new ShapeRange { Minimum = [size], Typical = [size], Maximum = [size] }))),
        };
    }

    [Fact]
    public void Run_EveryProfileSize_Checks()
    {
        ShapeProfile[] profiles = [Profile("small", 1, 2, 8), Profile("large", 64, 64, 128)];
        using IEngine engine = BuildAndLoad(Model(), null, profiles);
        ProfileChecker.Run(engine, [.. profiles], seed: 7, Cancellation);
    }

    [Theory]
    [InlineData("fault=run-failed", EngineErrorKind.RunFailed, "The double's program says so.")]
    [InlineData("fault=context-memory", EngineErrorKind.OutOfMemory, "The GPU has no")]
    [InlineData("memory=1", EngineErrorKind.OutOfMemory, "There is no memory for the 256 bytes that a run of the engine takes")]
    public void Run_WhateverFails_IsTyped(string program, EngineErrorKind kind, string sentence)
    {
        using IEngine engine = Batches();
        SimulatedGpu.Program(program);
        EngineException failed = Assert.Throws<EngineException>(() => engine.Run([Batch(1)], Cancellation));
        Assert.Equal(kind, failed.Kind);
        Assert.Contains(sentence, failed.Message, StringComparison.Ordinal);
        SimulatedGpu.Program("");
        Assert.Equal([1, 4], Only(engine.Run([Batch(1)], Cancellation)).Shape);
    }

    [Fact]
    public void Run_Cancelled_DoesNotBegin()
    {
        using IEngine engine = Batches();
        Assert.Throws<OperationCanceledException>(() => engine.Run([Batch(1)], new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Run_FromSeveralThreads_GivesEachItsOwn()
    {
        using IEngine engine = Batches();
        byte[][] expected = [.. Enumerable.Range(0, 8).Select(i => Only(engine.Run([Batch(1 + i, i)], Cancellation)).Data.ToArray())];
        Parallel.For(0, 200, i =>
            Assert.Equal(expected[i % 8], Only(engine.Run([Batch(1 + (i % 8), i % 8)], Cancellation)).Data.ToArray()));
    }

    [Fact]
    public void Run_AfterDispose_IsRefused()
    {
        IEngine engine = Batches();
        engine.Dispose();
        engine.Dispose();
        Assert.Throws<ObjectDisposedException>(() => engine.Run([Batch(1)], Cancellation));
        Assert.Throws<ObjectDisposedException>(engine.CreateContext);
    }

    private static Tensor Only(EngineOutputs outputs)
    {
        using (outputs) return Assert.Single(outputs.ToTensors());
    }
}
