using System.Runtime.InteropServices;
using Pipeline.Core.Policies;
using Pipeline.Engines.TensorRt;

namespace Pipeline.Engines.Tests.TensorRt;

/// <summary>What tests on the simulated GPU share: its program for the length of a test, and small models.</summary>
[Collection(nameof(SimulatedGpu))]
public abstract class TensorRtTest : IDisposable
{
    protected const string Fast = "build_seconds=0";

    private readonly TestFolder folder = new();

    protected TensorRtTest() => SimulatedGpu.Program(Fast);

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected string EnginePath => folder.PathOf("built.engine");

    protected string TimingCachePath => folder.PathOf("timing.cache");

    protected string[] Files => folder.Files;

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        folder.Dispose();
        SimulatedGpu.Program("");
    }

    /// <summary>x [n, 4] to y [n, 4], of floats.</summary>
    protected static byte[] Model(params string[] operators)
    {
        var model = new TinyModel().Input("x", 1, "n", 4).Output("y", 1, "n", 4);
        foreach (string name in operators.DefaultIfEmpty("Relu")) model.Node(name, ["x"], ["y"]);
        return model.ToBytes();
    }

    /// <summary>Batches of x in [n, 4].</summary>
    protected static ShapeProfile Profile(string name, long minimum, long typical, long maximum) => new()
    {
        Name = name,
        Inputs = System.Collections.Immutable.ImmutableSortedDictionary.CreateRange(
            StringComparer.Ordinal,
            [
                KeyValuePair.Create(
                    "x", new ShapeRange { Minimum = [minimum, 4], Typical = [typical, 4], Maximum = [maximum, 4] }),
            ]),
    };

    protected static Tensor Batch(long rows, float first = 0) =>
        Tensor.Copy<float>("x", [.. Enumerable.Range(0, (int)rows * 4).Select(i => first + i)], rows, 4);

    protected string Write(byte[] model) => folder.Write("model.onnx", model);

    protected EngineBuildOptions BuildOptions(byte[] model, params ShapeProfile[] profiles) => new()
    {
        ModelPath = Write(model),
        EnginePath = EnginePath,
        Profiles = [.. profiles],
    };

    protected byte[] Build(byte[] model, params ShapeProfile[] profiles)
    {
        SimulatedGpu.Backend().Build(BuildOptions(model, profiles), Cancellation);
        return File.ReadAllBytes(EnginePath);
    }

    protected IEngine BuildAndLoad(byte[] model, TensorRtOptions? options = null, params ShapeProfile[] profiles) =>
        SimulatedGpu.Backend(options).Load(Build(model, profiles), Cancellation);

    /// <summary>An engine of x and y in [n, 4] for 1 to 8 rows.</summary>
    protected IEngine Batches(TensorRtOptions? options = null) => BuildAndLoad(Model(), options, Profile("all", 1, 4, 8));

    /// <summary>One run; all bytes of output 0.</summary>
    protected static byte[] Run(IEngineContext context, Tensor input)
    {
        Set(context, input);
        context.Run();
        return context.OutputData(0).ToArray();
    }

    protected static unsafe void Set(IEngineContext context, Tensor input, int index = 0)
    {
        using System.Buffers.MemoryHandle pin = input.Data.Pin();
        context.SetInput(index, (nint)pin.Pointer, input.Data.Length, input.Shape.AsSpan());
    }

    protected static float[] Floats(ReadOnlySpan<byte> bytes) => MemoryMarshal.Cast<byte, float>(bytes).ToArray();
}
