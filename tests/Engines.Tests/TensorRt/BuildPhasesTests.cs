using Pipeline.Engines.TensorRt;
using Pipeline.Engines.TensorRt.Building;

namespace Pipeline.Engines.Tests.TensorRt;

/// <summary>Nested phases make one fraction; options make one text for the engine key.</summary>
public sealed class BuildPhasesTests
{
    [Fact]
    public void Update_InnerPhases_CountAsPartsOfTheirStep()
    {
        var phases = new BuildPhases();
        Assert.Equal(new("Build", 0), phases.Update("Build", null, 0, 2));
        Assert.Null(phases.Update("Tactics", "Build", 0, 4));
        Assert.Equal(new("Build", 0.25), phases.Update("Tactics", "Build", 2, 4));
        Assert.Equal(new("Build", 0.5), phases.Update("Build", null, 1, 2));
        Assert.Equal(new("Build", 0.625), phases.Update("Tactics", "Build", 1, 4));
        Assert.Null(phases.Update("Formats", "Build", 0, 3));
        Assert.Equal(new("Build", 1), phases.Update("Build", null, 2, 2));
    }

    [Fact]
    public void Update_NonsenseFromALibrary_IsBounded()
    {
        var phases = new BuildPhases();
        phases.Update("a", "a", 7, -3);
        phases.Update("b", "c", 9, 3);
        phases.Update("c", "b", int.MaxValue, 1);
        for (int i = 0; i < 10_000; i++) phases.Update($"phase {i}", $"phase {i + 1}", i, 10);
        EngineBuildProgress news = phases.Update(new string('\n', 500), null, 1, 2)!.Value;
        Assert.Equal(new(new string(' ', 80), 0.5), news);
    }

    [Fact]
    public void KeyOptions_EveryOption_IsInTheKey()
    {
        var changed = new TensorRtBuildOptions
        {
            WorkspaceBytes = 1,
            TacticDramBytes = 1,
            TacticSharedMemoryBytes = 1,
            OptimizationLevel = 5,
            HardwareCompatibility = HardwareCompatibility.AmperePlus,
            Tf32 = true,
            VersionCompatible = true,
            WeightStreaming = true,
            Tactics = TacticTiming.Record,
            DescribeLayers = true,
        };
        // A property more is an option more, unless it is this one.
        Assert.Equal(typeof(TensorRtBuildOptions).GetProperties().Length - 1, changed.KeyOptions.Count);
        Assert.Empty(changed.KeyOptions.Intersect(new TensorRtBuildOptions().KeyOptions));
    }

    [Fact]
    public void KeyOptions_Defaults_StayWhatStoredKeysSay() => Assert.Equal(
        "tensorRt.describeLayers=false tensorRt.hardwareCompatibility=None tensorRt.optimizationLevel=default tensorRt.tactics=Measure "
        + "tensorRt.tf32=false tensorRt.versionCompatible=false tensorRt.weightStreaming=false tensorRt.workspace=0",
        string.Join(' ', new TensorRtBuildOptions().KeyOptions.Select(o => $"{o.Key}={o.Value}")));
}
