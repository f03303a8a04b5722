using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Pipeline.Bench.Reporting;
using Pipeline.Engines.Benchmarks;
using Pipeline.Onnx.Inspection;
using Pipeline.Onnx.Writing;

namespace Pipeline.Bench;

/// <summary>Inspection of a model larger than memory should hold, beside what its bytes cost alone: made and hashed.</summary>
internal static class InspectBench
{
    private const double MebibyteBytes = 1 << 20;

    public static async Task<BenchResult> RunAsync(BenchSettings settings, CancellationToken cancellationToken)
    {
        long size = settings.Quick ? 256L << 20 : 2L << 30;
        int rounds = settings.Quick ? 2 : 5;
        // Compiled before it is measured.
        await InspectAsync(64L << 20, cancellationToken);
        await HashAsync(64L << 20, cancellationToken);
        var inspections = new List<Sample>();
        var hashes = new List<Sample>();
        for (int round = 1; round <= rounds; round++)
        {
            settings.Say($"inspect: round {round} of {rounds}");
            hashes.Add(await MeasureAsync(() => HashAsync(size, cancellationToken)));
            inspections.Add(await MeasureAsync(() => InspectAsync(size, cancellationToken)));
        }

        double extra = inspections.Max(s => s.ExtraMebibytes);
        return new BenchResult
        {
            Name = "inspect",
            What = $"a generated model of {size >> 20} MiB, read as a stream; {rounds} rounds, hashing and inspecting in turn",
            Tables =
            [
                new BenchTable("one pass over the model",
                [
                    Row("made and hashed alone", hashes, size),
                    Row("inspected (hash included)", inspections, size),
                ]),
            ],
            Goals = [new BenchGoal("extra memory under 50 MB", extra, extra * MebibyteBytes < 50e6)],
        };
    }

    private static async Task InspectAsync(long size, CancellationToken cancellationToken)
    {
        await using Stream model = LargeOnnxModel.OfSize(size, seed: 1).OpenRead();
        OnnxInspection inspection = await OnnxInspector.InspectAsync(model, null, cancellationToken);
        if (!inspection.IsModel || inspection.Length < size)
            throw new InvalidOperationException($"The generated model was not read: {inspection.Fault?.Message}");
    }

    private static async Task HashAsync(long size, CancellationToken cancellationToken)
    {
        await using Stream model = LargeOnnxModel.OfSize(size, seed: 1).OpenRead();
        await SHA256.HashDataAsync(model, cancellationToken);
    }

    private static async Task<Sample> MeasureAsync(Func<Task> work)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        // Linux then counts the peak from here on.
        await File.WriteAllTextAsync("/proc/self/clear_refs", "5");
        long resident = ReadStatus("VmRSS:");
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        long start = Stopwatch.GetTimestamp();
        await work();
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        long peak = ReadStatus("VmHWM:");
        return new Sample(
            elapsed.TotalSeconds, Math.Max(0, peak - resident) / MebibyteBytes, allocated / MebibyteBytes);
    }

    /// <summary>Bytes of one entry of the process's status, which has kibibytes.</summary>
    private static long ReadStatus(string entry)
    {
        string line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(entry, StringComparison.Ordinal));
        string number = line[entry.Length..].Trim().Split(' ')[0];
        return long.Parse(number, CultureInfo.InvariantCulture) * 1024;
    }

    private static ImmutableArray<BenchCell> Row(string what, List<Sample> samples, long size)
    {
        double[] seconds = [.. samples.Select(s => s.Seconds).Order()];
        double median = Percentiles.Median(seconds);
        return
        [
            ("pass", what), ("medianSeconds", median), ("minimumSeconds", seconds[0]), ("maximumSeconds", seconds[^1]),
            ("gigabytesPerSecond", size / 1e9 / median), ("extraResidentMebibytes", samples.Max(s => s.ExtraMebibytes)),
            ("allocatedMebibytes", samples.Max(s => s.AllocatedMebibytes)),
        ];
    }

    private sealed record Sample(double Seconds, double ExtraMebibytes, double AllocatedMebibytes);
}
