using Pipeline.Core.Builds;
using Pipeline.Core.Naming;
using Pipeline.Engines.OnnxRuntime;

namespace Pipeline.Engines.Tests.OnnxRuntime;

public sealed class OnnxRuntimeLibraryTests
{
    [Fact]
    public void Probe_LibraryFound_SaysWhatRunsHere()
    {
        BackendProbe probe = Ort.Backend.Probe();

        Assert.Null(probe.Problem);
        Assert.True(Names.IsRuntime(probe.Runtime), probe.Runtime);
        Assert.True(Path.IsPathFullyQualified(probe.LibraryPath!));
        Assert.Contains("CPUExecutionProvider", probe.Providers);
        Assert.NotEmpty(probe.Targets);
        Assert.All(probe.Targets, t => Assert.True(Names.IsTarget(t), t));
    }

    [Fact]
    public void CanRun_LanesOfThisMachineAndOthers_AreToldApart()
    {
        BackendProbe probe = Ort.Backend.Probe() with { Targets = [MachineTargets.X64Avx512, MachineTargets.X64Avx2] };

        Assert.Null(probe.CanRun(new Lane("cpu-x64-avx512", probe.Runtime!)));
        Assert.Null(probe.CanRun(new Lane("cpu-x64-avx2", probe.Runtime!)));
        LaneRefusal? target = probe.CanRun(new Lane("cpu-arm64", probe.Runtime!));
        Assert.Equal(LaneRefusalKind.OtherTarget, target?.Kind);
        Assert.Contains("'cpu-x64-avx512', 'cpu-x64-avx2'", target!.Reason, StringComparison.Ordinal);
        Assert.Equal(LaneRefusalKind.OtherRuntime, probe.CanRun(new Lane("cpu-x64-avx2", "ort-1.0.0-cpu"))?.Kind);
    }

    [Theory]
    [InlineData("cuda", "'cuda'")]
    [InlineData("tpu", "'cpu', 'cuda' or 'webgpu'")]
    public void Probe_ProviderNotThere_IsATypedReason(string provider, string said)
    {
        var backend = new OnnxRuntimeBackend(new OnnxRuntimeOptions { Provider = provider });

        BackendProbe probe = backend.Probe();

        Assert.Equal(EngineErrorKind.ProviderUnavailable, probe.Problem?.Kind);
        Assert.Contains(said, probe.Problem!.Message, StringComparison.Ordinal);
        Assert.Empty(probe.Targets);
        Assert.Equal(LaneRefusalKind.BackendMissing, probe.CanRun(new Lane("sm_90", probe.Runtime!))?.Kind);
        Assert.Equal(BuildFailureKind.WrongLane, probe.Problem.FailureKind);
    }

    [Fact]
    public void Probe_LibraryPathWrong_SaysHowToGetIt()
    {
        var backend = new OnnxRuntimeBackend(new OnnxRuntimeOptions { LibraryPath = "/nowhere/libonnxruntime.so.1" });

        BackendProbe probe = backend.Probe();

        Assert.Equal(EngineErrorKind.LibraryMissing, probe.Problem?.Kind);
        Assert.Null(probe.Runtime);
        Assert.Contains("'/nowhere/libonnxruntime.so.1'", probe.Problem!.Message, StringComparison.Ordinal);
        Assert.Contains("npm ci", probe.Problem.Message, StringComparison.Ordinal);
        Assert.Contains("OnnxRuntime__LibraryPath", probe.Problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_FileThatIsNoLibrary_IsLibraryMissing()
    {
        using var folder = new TestFolder();
        string text = folder.Write("libonnxruntime.so.1", "no library"u8.ToArray());
        var backend = new OnnxRuntimeBackend(new OnnxRuntimeOptions { LibraryPath = text });

        var error = Assert.Throws<EngineException>(
            () => backend.Load(new byte[8], TestContext.Current.CancellationToken));

        Assert.Equal(EngineErrorKind.LibraryMissing, error.Kind);
    }

    [Fact]
    public void Load_OtherLibrary_IsLibraryIncompatible()
    {
        string other = Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "libSystem.Native.so");
        Assert.SkipUnless(File.Exists(other), "The .NET runtime has no libSystem.Native.so here.");
        var backend = new OnnxRuntimeBackend(new OnnxRuntimeOptions { LibraryPath = other });

        Assert.Equal(EngineErrorKind.LibraryIncompatible, backend.Probe().Problem?.Kind);
    }

    [Fact]
    public void Find_BesideTheProgram_WinsOverNodeModulesAbove()
    {
        using var folder = new TestFolder();
        string app = folder.PathOf("repository/out/app");
        string package = Path.GetDirectoryName(Ort.Backend.Probe().LibraryPath!)!;
        string inside = package[package.IndexOf("node_modules", StringComparison.Ordinal)..];
        string above = folder.PathOf(Path.Combine("repository", inside, "libonnxruntime.so.1"));
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The file's name is Linux's.");
        Directory.CreateDirectory(app);
        Directory.CreateDirectory(Path.GetDirectoryName(above)!);

        Assert.Throws<EngineException>(() => OrtLibraryPath.Find(null, app));
        File.WriteAllText(above, "");
        Assert.Equal(above, OrtLibraryPath.Find(null, app));
        string beside = Path.Combine(app, "libonnxruntime.so.1");
        File.WriteAllText(beside, "");
        Assert.Equal(beside, OrtLibraryPath.Find(null, app));
    }

    [Fact]
    public void Targets_Avx512_ComesBeforeAvx2()
    {
        int avx512 = MachineTargets.Processor.IndexOf(MachineTargets.X64Avx512);
        Assert.SkipWhen(avx512 < 0, "This processor has no AVX-512.");
        Assert.Equal([MachineTargets.X64Avx512, MachineTargets.X64Avx2], MachineTargets.Processor);
    }
}
