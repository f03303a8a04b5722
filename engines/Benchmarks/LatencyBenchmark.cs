using System.Collections.Immutable;
using System.Diagnostics;
using Pipeline.Core.Gates;
using Pipeline.Core.Policies;
using Pipeline.Engines.Profiles;

namespace Pipeline.Engines.Benchmarks;

/// <summary>
/// Measures every profile at its typical shapes: warm-up, then runs until the duration is over and there are enough samples. An engine
/// on a CUDA device is measured phase by phase (<see cref="BenchmarkMethods.CudaEvents"/>), any other one inference at a time: there a
/// sample is the time of <see cref="IEngine.Run"/>, from tensors to tensors (<see cref="BenchmarkMethods.Host"/>).
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
            results.Add(engine is IDeviceEngine onDevice
                ? DeviceBenchmark.Measure(onDevice, profile, limits, Report, cancellationToken)
                : Measure(engine, profile, limits, Report, cancellationToken));
        }

        progress?.Report(1);
        return new BenchmarkEvidence
        {
            Method = engine is IDeviceEngine ? BenchmarkMethods.CudaEvents : BenchmarkMethods.Host,
            Profiles = results.MoveToImmutable(),
            Threads = engine.Threads,
            DeviceMemoryBytes = engine.DeviceMemoryBytes > 0 ? engine.DeviceMemoryBytes : null,
        };
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

        return Summarize(profile.Name, shapes, new SampleStatistics(milliseconds), milliseconds.Count / elapsed.TotalSeconds);
    }

    internal static ProfileBenchmark Summarize(
        string profile, ImmutableSortedDictionary<string, ImmutableArray<long>> shapes, SampleStatistics latency, double perSecond) => new()
        {
            Profile = profile,
            Shapes = shapes,
            Samples = latency.Count,
            MeanMilliseconds = latency.Mean,
            P50Milliseconds = latency.Median,
            P90Milliseconds = latency.Percentile(90),
            P95Milliseconds = latency.Percentile(95),
            P99Milliseconds = latency.Percentile(99),
            ThroughputPerSecond = perSecond,
            CoefficientOfVariationPercent = latency.VariationPercent,
        };
}
