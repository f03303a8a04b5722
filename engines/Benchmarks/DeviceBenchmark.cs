using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Pipeline.Core.Gates;
using Pipeline.Core.Policies;
using Pipeline.Engines.Cuda;
using Pipeline.Engines.Profiles;

namespace Pipeline.Engines.Benchmarks;

/// <summary>
/// Measures an engine on a CUDA device as trtexec does with transfers: two inferences in flight, so that the next one's inputs are
/// copied while this one computes, and every phase timed by events (<see cref="BenchmarkMethods.CudaEvents"/>).
/// </summary>
internal static class DeviceBenchmark
{
    private const int Depth = 2;

    private const double ReportMilliseconds = 250;

    public static ProfileBenchmark Measure(
        IDeviceEngine engine, ShapeProfile profile, BenchmarkLimits limits, Action<double> report, CancellationToken cancellationToken)
    {
        ImmutableSortedDictionary<string, ImmutableArray<long>> shapes = profile.Shapes(ProfileSize.Typical);
        ImmutableArray<Tensor> inputs = SeededInputs.Create(engine.Inputs, shapes, seed: 1);
        List<DeviceSample> samples;
        try
        {
            CudaDevices.Use(engine.Device);
            samples = Sample(engine, inputs, limits, report, cancellationToken);
        }
        catch (CudaException e)
        {
            throw new EngineException(EngineErrorKind.RunFailed, $"The benchmark failed on the device: {e.Message}.", e);
        }

        return Summarize(profile.Name, shapes, CollectionsMarshal.AsSpan(samples)) with { Clocks = ReadClocks(engine.Device) };
    }

    private static List<DeviceSample> Sample(
        IDeviceEngine engine, ImmutableArray<Tensor> inputs, BenchmarkLimits limits, Action<double> report,
        CancellationToken cancellationToken)
    {
        using var input = new CudaStream();
        using var output = new CudaStream();
        using var origin = new CudaEvent();
        var slots = new List<DeviceSlot>(Depth);
        try
        {
            while (slots.Count < Depth) slots.Add(new DeviceSlot(engine.CreateStreamedRun(inputs)));
            double warmUp = limits.WarmUp.TotalMilliseconds;
            double duration = limits.Duration.TotalMilliseconds;
            double reportAt = 0;
            var samples = new List<DeviceSample>(1024);
            origin.Record(input);
            for (int next = 0; ; next = (next + 1) % Depth)
            {
                cancellationToken.ThrowIfCancellationRequested();
                slots[next].Enqueue(input, output);
                DeviceSlot oldest = slots[(next + 1) % Depth];
                if (!oldest.IsInFlight) continue;
                DeviceSample sample = oldest.Take(origin);
                double measured = sample.ComputeStart - warmUp;
                if (measured >= 0) samples.Add(sample);
                if (measured >= reportAt)
                {
                    report(duration > measured ? measured / duration : 1);
                    reportAt = measured + ReportMilliseconds;
                }

                bool isEnough = samples.Count >= LatencyBenchmark.SamplesMinimum && measured >= duration;
                if (isEnough || samples.Count == LatencyBenchmark.SamplesMaximum) return samples;
            }
        }
        finally
        {
            foreach (DeviceSlot slot in slots) slot.Dispose();
        }
    }

    private static ProfileBenchmark Summarize(
        string profile, ImmutableSortedDictionary<string, ImmutableArray<long>> shapes, ReadOnlySpan<DeviceSample> samples)
    {
        DeviceSample[] all = samples.ToArray();
        var latency = new SampleStatistics(all.Select(s => s.Latency));
        var phases = new DevicePhases
        {
            CopyToDevice = new SampleStatistics(all.Select(s => s.CopyToDevice)).ToPhase(),
            Compute = new SampleStatistics(all.Select(s => s.Compute)).ToPhase(),
            CopyToHost = new SampleStatistics(all.Select(s => s.CopyToHost)).ToPhase(),
            Enqueue = new SampleStatistics(all.Select(s => s.Enqueue)).ToPhase(),
        };
        ImmutableArray<string> warnings = BenchmarkWarnings.Of(phases);
        double seconds = Math.Max(all[^1].End - all[0].Start, 1e-6) / 1000;
        return LatencyBenchmark.Summarize(profile, shapes, latency, all.Length / seconds) with
        {
            Phases = phases,
            Warnings = warnings.IsEmpty ? null : warnings,
        };
    }

    private static DeviceClocks? ReadClocks(int device)
    {
        CudaDevice? gpu = CudaDevices.Find().Devices.FirstOrDefault(d => d.Ordinal == device);
        return gpu is null ? null : Nvml.ReadClocks(gpu.Uuid);
    }
}
