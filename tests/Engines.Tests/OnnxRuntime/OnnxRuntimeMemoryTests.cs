namespace Pipeline.Engines.Tests.OnnxRuntime;

/// <summary>Measures the memory of the whole process, so nothing else runs beside it.</summary>
[CollectionDefinition(nameof(OnnxRuntimeMemoryTests), DisableParallelization = true)]
[Collection(nameof(OnnxRuntimeMemoryTests))]
public sealed class OnnxRuntimeMemoryTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Sessions_ManyLoadedRefusedAndRun_GiveTheirMemoryBack()
    {
        byte[] engineBytes = new TinyModel().Node("Identity", ["x"], ["y"])
            .Input("x", 1, "n").Output("y", 1, "n").ToBytes();
        byte[] classifier = File.ReadAllBytes(Ort.Classifier);
        Tensor big = Tensor.Copy<float>("x", new float[1 << 18], 1 << 18);
        Round(20);
        long before = Environment.WorkingSet;
        Round(200);
        long grown = (Environment.WorkingSet - before) >> 20;

        // Leaking only the outputs would be 200 MB, leaking the sessions more.
        Assert.InRange(grown, -10_000, 80);

        void Round(int count)
        {
            for (int i = 0; i < count; i++)
            {
                using IEngine real = Ort.Backend.Load(classifier, Cancellation);
                using IEngine engine = Ort.Backend.Load(engineBytes, Cancellation);
                engine.Run([big], Cancellation).Dispose();
                Assert.Throws<EngineException>(() => engine.Run([Tensor.Copy<long>("x", [1], 1)], Cancellation));
                Assert.Throws<EngineException>(() => Ort.Backend.Load(classifier.AsMemory(0, 100_000), Cancellation));
            }
        }
    }
}
