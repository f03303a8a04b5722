using System.Collections.Immutable;
using Pipeline.Core.Builds;
using Pipeline.Core.Gates;
using Pipeline.GpuWorker.Offline;

namespace Pipeline.GpuWorker.Tests.Commands;

public sealed class ReportTextTests
{
    [Fact]
    public void Write_MeasuredOnADevice_ShowsPhasesClocksAndWarnings()
    {
        string text = ReportText.Write(Result(Phase(1), new DeviceClocks
        {
            SmMegahertz = 1000,
            SmMaximumMegahertz = 1980,
            MemoryMegahertz = 2600,
            MemoryMaximumMegahertz = 2619,
        }));

        Assert.Contains("in milliseconds by cuda-events, trtexec-nearest-rank, 1 thread", text, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^line +10 +5\.000 +5\.000 +6\.000 +7\.000 +8\.000", text);
        Assert.Matches(@"(?m)^line +copy to device +1\.000", text);
        Assert.Matches(@"(?m)^line +compute +2\.000", text);
        Assert.Matches(@"(?m)^line +copy to host +3\.000", text);
        Assert.Matches(@"(?m)^line +enqueue +4\.000", text);
        Assert.Contains(
            "line: multiprocessors at 1000 of 1980 MHz, memory at 2600 of 2619 MHz\nline: Locked clocks may help.\n", text,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Write_MeasuredOnTheHost_ShowsNoPhases() =>
        Assert.DoesNotContain("phase", ReportText.Write(Result(phases: null, clocks: null)), StringComparison.Ordinal);

    private static DevicePhases Phase(double first) => new()
    {
        CopyToDevice = Time(first),
        Compute = Time(first + 1),
        CopyToHost = Time(first + 2),
        Enqueue = Time(first + 3),
    };

    private static PhaseTime Time(double milliseconds) => new()
    {
        MeanMilliseconds = milliseconds,
        P50Milliseconds = milliseconds,
        P95Milliseconds = milliseconds,
        P99Milliseconds = milliseconds,
        CoefficientOfVariationPercent = 0,
    };

    private static OfflineResult Result(DevicePhases? phases, DeviceClocks? clocks)
    {
        var profile = new ProfileBenchmark
        {
            Profile = "line",
            Shapes = ImmutableSortedDictionary<string, ImmutableArray<long>>.Empty.Add("x", [1, 2]),
            Samples = 10,
            MeanMilliseconds = 5,
            P50Milliseconds = 5,
            P90Milliseconds = 6,
            P95Milliseconds = 7,
            P99Milliseconds = 8,
            ThroughputPerSecond = 100,
            CoefficientOfVariationPercent = 1,
            Phases = phases,
            Clocks = clocks,
            Warnings = phases is null ? null : ["Locked clocks may help."],
        };
        var report = new BuildReport
        {
            Model = "tiny",
            Version = "local",
            AcceptanceNumber = 0,
            Lane = Workbench.Lane,
            Attempt = 1,
            EngineKey = "key",
            EngineDigest = "digest",
            EngineSizeBytes = 1,
            Reused = false,
            Inputs = [],
            Outputs = [],
            Accuracy = new AccuracyEvidence { Samples = 1, Inputs = "golden", Reference = "reference", Outputs = [] },
            Benchmark = new BenchmarkEvidence
            {
                Method = phases is null ? BenchmarkMethods.Host : BenchmarkMethods.CudaEvents,
                Profiles = [profile],
                Threads = 1,
            },
            Stages = [],
            Worker = ImmutableSortedDictionary<string, string>.Empty,
            FinishedAt = DateTimeOffset.UnixEpoch,
        };
        return new OfflineResult { Engine = "digest.engine", EngineDigest = "digest", Report = report, Decisions = [] };
    }
}
