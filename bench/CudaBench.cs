using Pipeline.Bench.Cuda;
using Pipeline.Bench.Reporting;
using Pipeline.Engines.Benchmarks;
using Pipeline.Engines.Cuda;

namespace Pipeline.Bench;

/// <summary>The CUDA binding on a real device: whether it does what it says, and what it costs beside a plain CUDA program.</summary>
internal static class CudaBench
{
    public static Task<BenchResult> RunAsync(BenchSettings settings, CancellationToken cancellationToken)
    {
        CudaDevices found = CudaDevices.Find();
        if (found.Problem is { } problem) throw new InvalidOperationException(problem);
        CudaDevices.Use(0);
        var checks = new List<OrderedDictionary<string, object>>();
        foreach ((string name, Func<string> run) in CudaChecks.All(settings.Quick))
        {
            cancellationToken.ThrowIfCancellationRequested();
            settings.Say($"cuda: {name}");
            checks.Add(new() { ["check"] = name, ["result"] = run() });
        }

        CudaDevice device = found.Devices[0];
        var tables = new List<BenchTable> { new("what holds", [.. checks]) };
        var goals = new List<BenchGoal>();
        if (settings.Beside is { } program) Compare(program, settings, tables, goals);
        return Task.FromResult(new BenchResult
        {
            Name = "cuda",
            What = $"{device.Name} ({device.Targets[0]}, {device.MemoryBytes >> 30} GiB), CUDA runtime {found.RuntimeVersion}, driver for " +
                $"CUDA {found.DriverVersion}",
            Tables = [.. tables],
            Goals = [.. goals],
        });
    }

    private static void Compare(string program, BenchSettings settings, List<BenchTable> tables, List<BenchGoal> goals)
    {
        var turns = new List<((double ToDevice, double ToHost) Ours, (double ToDevice, double ToHost) Other)>();
        for (int turn = 0; turn < (settings.Quick ? 1 : 5); turn++)
        {
            settings.Say("cuda: pinned copies, beside the other program");
            turns.Add((CudaBandwidth.Measure(), CudaBandwidth.MeasureBeside(program)));
        }

        OrderedDictionary<string, object> Row(string what, Func<(double ToDevice, double ToHost), double> of)
        {
            double ours = Percentiles.Median([.. turns.Select(t => of(t.Ours)).Order()]);
            double other = Percentiles.Median([.. turns.Select(t => of(t.Other)).Order()]);
            double ratio = Percentiles.Median([.. turns.Select(t => of(t.Ours) / of(t.Other)).Order()]);
            goals.Add(new BenchGoal($"pinned copies {what}: at least 0.95 of the plain program", ratio, ratio >= 0.95));
            return new() { ["copy"] = what, ["gigabytesPerSecond"] = ours, ["plainGigabytesPerSecond"] = other, ["ratio"] = ratio };
        }

        tables.Add(new("pinned copies of 256 MiB, medians of the turns", [Row("to the device", t => t.ToDevice), Row("to the host", t => t.ToHost)]));
    }
}
