using System.Collections.Immutable;
using Pipeline.Engines.OnnxRuntime;

namespace Pipeline.Engines.Tests.OnnxRuntime;

/// <summary>What a CUDA session is told, and how an engine carries TF32.</summary>
public sealed class CudaOptionsTests
{
    private static readonly ImmutableSortedDictionary<string, string> None = ImmutableSortedDictionary<string, string>.Empty;

    [Fact]
    public void Merge_NothingGiven_BoundsTheSearchAndKeepsFullPrecision()
    {
        ImmutableSortedDictionary<string, string> merged = CudaOptions.Merge(None, tf32: false, graphs: false);

        Assert.Equal("EXHAUSTIVE", merged["cudnn_conv_algo_search"]);
        Assert.Equal("0", merged["use_tf32"]);
        Assert.Equal("0", merged["enable_cuda_graph"]);
        Assert.Equal("kSameAsRequested", merged["arena_extend_strategy"]);
    }

    [Fact]
    public void Merge_OptionsGiven_WinButForTheGraphsThatWereDecided()
    {
        ImmutableSortedDictionary<string, string> given = None
            .Add("cudnn_conv_algo_search", "HEURISTIC").Add("use_tf32", "1").Add("enable_cuda_graph", "1").Add("gpu_mem_limit", "7");

        ImmutableSortedDictionary<string, string> merged = CudaOptions.Merge(given, tf32: false, graphs: false);

        Assert.Equal("HEURISTIC", merged["cudnn_conv_algo_search"]);
        Assert.Equal("1", merged["use_tf32"]);
        Assert.Equal("7", merged["gpu_mem_limit"]);
        Assert.Equal("0", merged["enable_cuda_graph"]);
    }

    [Theory]
    [InlineData("cuda", true, null, true)]
    [InlineData("cuda", false, "1", true)]
    [InlineData("cuda", true, "0", false)]
    [InlineData("cuda", false, null, false)]
    [InlineData("cpu", true, null, false)]
    public void KeyOptions_Tf32_IsAnotherEngine(string provider, bool tf32, string? given, bool isOther)
    {
        ImmutableSortedDictionary<string, string> own = given is null ? None : None.Add("use_tf32", given);
        var options = new OnnxRuntimeOptions { Provider = provider, Tf32 = tf32, ProviderOptions = own };

        ImmutableSortedDictionary<string, string> key = new OnnxRuntimeBackend(options).KeyOptions;

        Assert.Equal(isOther ? "1" : null, key.GetValueOrDefault("use_tf32"));
        Assert.Equal("extended", key["graphOptimization"]);
    }

    [Fact]
    public void Append_ToAnEngine_IsReadBackAndTheEngineStillRuns()
    {
        using var folder = new TestFolder();
        byte[] model = new TinyModel().Node("Neg", ["x"], ["y"]).Input("x", 1, "n").Output("y", 1, "n").ToBytes();
        string path = folder.Write("built.engine", model);
        Assert.False(Tf32Mark.IsOn(File.ReadAllBytes(path)));

        Tf32Mark.Append(path);

        byte[] marked = File.ReadAllBytes(path);
        Assert.True(Tf32Mark.IsOn(marked));
        using IEngine engine = Ort.Backend.Load(marked, TestContext.Current.CancellationToken);
        using EngineOutputs outputs = engine.Run([Tensor.Copy<float>("x", [1], 1)], TestContext.Current.CancellationToken);
        Assert.Equal(-1f, BitConverter.ToSingle(outputs.Data(0)));
    }

    [Fact]
    public void InputsOnHost_OfASessionOnTheProcessor_AreAll()
    {
        OrtLibrary library = OrtLibrary.Get(null);
        byte[] model = new TinyModel().Node("Add", ["a", "b"], ["y"]).Input("a", 1, "n").Input("b", 1, "n").Output("y", 1, "n").ToBytes();
        using OrtSessionOptionsHandle options = OrtSessions.CreateOptions(library, new OnnxRuntimeOptions());
        using OrtSessionHandle session = OrtSessions.Open(library, model, options, TestContext.Current.CancellationToken);

        Assert.Equal([true, true], library.Api.InputsOnHost(session, 2));
    }
}
