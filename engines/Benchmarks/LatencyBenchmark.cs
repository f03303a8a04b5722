using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Pipeline.Core.Gates;
using Pipeline.Core.Policies;
using Pipeline.Engines.Profiles;

namespace Pipeline.Engines.Benchmarks;

/// <summary>
/// Measures one inference at a time, every profile at its typical shapes: warm-up, then runs until the duration is over
/// and there are enough samples. A sample is the time of <see cref="IEngine.Run"/>: from tensors to tensors.
/// </summary>
public static class LatencyBenchmark
{
    public const int SamplesMinimum = 10;

    /// <summary>Bounds the memory of a long benchmark of a fast model; the benchmark then ends early.</summary>
    public const int SamplesMaximum = 1_000_000;

    /// <param name="profiles">As <see cref="ShapeProfiles.Resolve"/> gave them.</param>
    /// <param name="progress">Told 0 to 1 some times a second.</param>
    public static BenchmarkEvidence Run(
        IEngine engine,
        ImmutableArray<ShapeProfile> profiles,
        BenchmarkLimits limits,
        IProgress<double>? progress,
        CancellationToken cancellationToken)
    {
        var results = ImmutableArray.CreateBuilder<ProfileBenchmark>(profiles.Length);
        foreach (ShapeProfile profile in profiles)
        {
            int done = results.Count;
            void Report(double share) => progress?.Report((done + share) / profiles.Length);
            results.Add(Measure(engine, profile, limits, Report, cancellationToken));
        }

        progress?.Report(1);
        return new BenchmarkEvidence { Profiles = results.MoveToImmutable(), Threads = engine.Threads };
    }

    private static ProfileBenchmark Measure(
        IEngine engine,
        ShapeProfile profile,
        BenchmarkLimits limits,
        Action<double> report,
        CancellationToken cancellationToken)
    {
        ImmutableSortedDictionary<string, ImmutableArray<long>> shapes = profile.Shapes(ProfileSize.Typical);
        ImmutableArray<Tensor> inputs = SeededInputs.Create(engine.Inputs, shapes, seed: 1);

        long warmUpStart = Stopwatch.GetTimestamp();
        do
        {
            // A token between the runs keeps the timed path free of native run options.
            cancellationToken.ThrowIfCancellationRequested();
            engine.Run(inputs.AsSpan(), CancellationToken.None).Dispose();
        }
        while (Stopwatch.GetElapsedTime(warmUpStart) < limits.WarmUp);

        var milliseconds = new List<double>(1024);
        long start = Stopwatch.GetTimestamp();
        TimeSpan elapsed;
        TimeSpan reportAt = TimeSpan.Zero;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            long runStart = Stopwatch.GetTimestamp();
            EngineOutputs outputs = engine.Run(inputs.AsSpan(), CancellationToken.None);
            milliseconds.Add(Stopwatch.GetElapsedTime(runStart).TotalMilliseconds);
            outputs.Dispose();
            elapsed = Stopwatch.GetElapsedTime(start);
            if (elapsed >= reportAt)
            {
                report(limits.Duration > elapsed ? elapsed / limits.Duration : 1);
                reportAt = elapsed + TimeSpan.FromMilliseconds(250);
            }
        }
        while (milliseconds.Count < SamplesMinimum
            || (elapsed < limits.Duration && milliseconds.Count < SamplesMaximum));

        return Summarize(profile.Name, shapes, milliseconds, elapsed);
    }

    private static ProfileBenchmark Summarize(
        string profile,
        ImmutableSortedDictionary<string, ImmutableArray<long>> shapes,
        List<double> milliseconds,
        TimeSpan elapsed)
    {
        milliseconds.Sort();
        ReadOnlySpan<double> sorted = CollectionsMarshal.AsSpan(milliseconds);
        double mean = milliseconds.Average();
        double variance = milliseconds.Average(m => (m - mean) * (m - mean));
        return new ProfileBenchmark
        {
            Profile = profile,
            Shapes = shapes,
            Samples = sorted.Length,
            MeanMilliseconds = mean,
            P50Milliseconds = Percentiles.Median(sorted),
            P90Milliseconds = Percentiles.Of(sorted, 90),
            P99Milliseconds = Percentiles.Of(sorted, 99),
            ThroughputPerSecond = sorted.Length / elapsed.TotalSeconds,
            CoefficientOfVariationPercent = mean > 0 ? Math.Sqrt(variance) / mean * 100 : 0,
        };
    }
}
