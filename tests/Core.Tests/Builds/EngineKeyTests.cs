using System.Collections.Immutable;
using Pipeline.Core.Builds;
using Pipeline.Core.Policies;

namespace Pipeline.Core.Tests.Builds;

public sealed class EngineKeyTests
{
    private static readonly EngineKeyInputs Inputs = new()
    {
        SourceSha256 = Some.Sha256("model"),
        ExternalData = Map(("weights.data", Some.Sha256("weights"))),
        Conversion = "fold-1",
        Lane = Some.TensorRt,
        CudaRuntime = "13.0",
        Plugins = [Some.Sha256("plugin b"), Some.Sha256("plugin a")],
        Precision = "model",
        Profiles = [Profile("line", 320)],
        Options = Map(("threads", "1"), ("level", "all")),
    };

    // Frozen: another value makes every engine look unbuilt.
    [Fact]
    public void Key_OfInputs_NeverChanges() =>
        Assert.Equal("d8a75487d891245f99a161810b633acc8d0ff3438386c327bd3a23accfa7d6d4", EngineKey.Compute(Inputs));

    [Fact]
    public void Key_OfThePlainestInputs_NeverChanges() =>
        Assert.Equal(
            "287fa30b66b4f2ac78d0e2eb203b0fcbb2c076ca77730fa8d4a853ef589c8b04",
            EngineKey.Compute(new EngineKeyInputs { SourceSha256 = Some.Sha256("model"), Lane = Some.Cpu, Precision = "model" }));

    [Fact]
    public void Key_DependsOnEveryInput()
    {
        EngineKeyInputs[] others =
        [
            Inputs with { SourceSha256 = Some.Sha256("other") },
            Inputs with { ExternalData = Map(("weights.data", Some.Sha256("other"))) },
            Inputs with { ExternalData = Map(("other.data", Some.Sha256("weights"))) },
            Inputs with { Conversion = "fold-2" },
            Inputs with { Lane = Some.Cuda },
            Inputs with { CudaRuntime = "13.1" },
            Inputs with { CudaRuntime = null },
            Inputs with { Plugins = [] },
            Inputs with { Precision = "fp16" },
            Inputs with { Profiles = [Profile("line", 321)] },
            Inputs with { Profiles = [Profile("page", 320)] },
            Inputs with { Profiles = [Profile("line", 320), Profile("page", 320)] },
            Inputs with { Options = Map(("threads", "2"), ("level", "all")) },
            // The same letters, cut elsewhere.
            Inputs with { Options = Map(("thread", "s1"), ("level", "all")) },
        ];
        Assert.Equal(others.Length + 1, others.Append(Inputs).Select(EngineKey.Compute).Distinct().Count());
    }

    [Fact]
    public void Key_DoesNotDependOnTheOrderOfPlugins() =>
        Assert.Equal(
            EngineKey.Compute(Inputs), EngineKey.Compute(Inputs with { Plugins = [.. Inputs.Plugins.Reverse()] }));

    private static ImmutableSortedDictionary<string, string> Map(params (string Key, string Value)[] pairs) =>
        pairs.ToImmutableSortedDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal);

    private static ShapeProfile Profile(string name, long width) => new()
    {
        Name = name,
        Inputs = new Dictionary<string, ShapeRange>
        {
            ["x"] = new() { Minimum = [1, 3, 48, 32], Typical = [1, 3, 48, width], Maximum = [4, 3, 48, 1280] },
        }.ToImmutableSortedDictionary(StringComparer.Ordinal),
    };
}
