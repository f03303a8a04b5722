using System.Globalization;
using System.Text;
using Pipeline.Core.Builds;
using Pipeline.Core.Gates;

namespace Pipeline.GpuWorker.Offline;

/// <summary>A report as a person reads it.</summary>
internal static class ReportText
{
    public static string Write(OfflineResult result)
    {
        BuildReport report = result.Report;
        var text = new StringBuilder();
        if (report.Worker.TryGetValue("simulated", out string? simulated)) text.Append(CultureInfo.InvariantCulture, $"{simulated}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{report.Model} on {report.Lane}: {(result.IsPassed() ? "PASSED" : "NOT PASSED")}\n\n");
        WriteFacts(text, report);
        WriteAccuracy(text, report.Accuracy);
        WriteBenchmark(text, report.Benchmark);
        var gates = new TextColumns();
        gates.Add("gate", "verdict", "why");
        foreach (GateDecision decision in result.Decisions)
            gates.Add(decision.Gate, decision.Verdict.ToString(), string.Join(' ', decision.Reasons));
        gates.WriteTo(text);
        return text.ToString();
    }

    private static void WriteFacts(StringBuilder text, BuildReport report)
    {
        var facts = new TextColumns();
        facts.Add("engine", $"{report.EngineDigest}.engine, {report.EngineSizeBytes} bytes{(report.Reused ? ", built before" : "")}");
        facts.Add("key", report.EngineKey);
        foreach (string fact in new[] { "gpu", "driver", "cuda", "processors", "os" })
            if (report.Worker.TryGetValue(fact, out string? value)) facts.Add(fact, value);
        facts.Add("stages", string.Join(", ", report.Stages.Select(s => $"{s.Stage} {Number(s.Seconds, "0.00")} s")));
        facts.WriteTo(text);
        text.Append('\n');
    }

    private static void WriteAccuracy(StringBuilder text, AccuracyEvidence accuracy)
    {
        text.Append(
            CultureInfo.InvariantCulture, $"accuracy on {accuracy.Samples} {accuracy.Inputs} samples against {accuracy.Reference}\n");
        var table = new TextColumns();
        table.Add("output", "cosine", "absolute error", "relative error", "top-1", "NaN", "infinite");
        foreach (OutputAccuracy output in accuracy.Outputs) AddOutput(table, output.Name, output);
        foreach (OutputAccuracy output in accuracy.ExpectedOutputs) AddOutput(table, $"{output.Name} (golden)", output);
        table.WriteTo(text);
        text.Append('\n');
    }

    private static void AddOutput(TextColumns table, string name, OutputAccuracy output) => table.Add(
        name, Number(output.CosineMinimum, "0.0000000"), Number(output.MaximumAbsoluteError, "0.###e+0"),
        Number(output.MaximumRelativeError, "0.###e+0"), output.Top1Agreement is { } top ? Number(top, "0.####") : "-",
        Number(output.NanCount, "0"), Number(output.InfinityCount, "0"));

    private static void WriteBenchmark(StringBuilder text, BenchmarkEvidence benchmark)
    {
        string memory = benchmark.DeviceMemoryBytes is { } bytes ? $", {bytes >> 20} MiB of device memory" : "";
        string threads = benchmark.Threads == 1 ? "1 thread" : $"{benchmark.Threads} threads";
        text.Append(
            CultureInfo.InvariantCulture,
            $"benchmark in milliseconds by {benchmark.Method}, {benchmark.PercentileRule}, {threads}{memory}\n");
        var table = new TextColumns();
        table.Add("profile", "runs", "mean", "P50", "P90", "P95", "P99", "variation", "a second", "shapes");
        foreach (ProfileBenchmark p in benchmark.Profiles)
        {
            table.Add(
                p.Profile, Number(p.Samples, "0"), Number(p.MeanMilliseconds, "0.000"), Number(p.P50Milliseconds, "0.000"),
                Number(p.P90Milliseconds, "0.000"), p.P95Milliseconds is { } p95 ? Number(p95, "0.000") : "-",
                Number(p.P99Milliseconds, "0.000"),
                $"{Number(p.CoefficientOfVariationPercent, "0.0")} %", Number(p.ThroughputPerSecond, "0.0"),
                string.Join(", ", p.Shapes.Select(s => $"{s.Key} [{string.Join(", ", s.Value)}]")));
        }

        table.WriteTo(text);
        WritePhases(text, benchmark);
        text.Append('\n');
    }

    /// <summary>What the latency on a device consists of, how fast the device ran, and what to know about it.</summary>
    private static void WritePhases(StringBuilder text, BenchmarkEvidence benchmark)
    {
        var table = new TextColumns();
        table.Add("profile", "phase", "mean", "P50", "P95", "P99", "variation");
        foreach (ProfileBenchmark p in benchmark.Profiles)
        {
            if (p.Phases is not { } phases) continue;
            AddPhase(table, p.Profile, "copy to device", phases.CopyToDevice);
            AddPhase(table, p.Profile, "compute", phases.Compute);
            AddPhase(table, p.Profile, "copy to host", phases.CopyToHost);
            AddPhase(table, p.Profile, "enqueue", phases.Enqueue);
        }

        if (benchmark.Profiles.Any(p => p.Phases is not null)) table.WriteTo(text.Append('\n'));
        foreach (ProfileBenchmark p in benchmark.Profiles)
        {
            if (p.Clocks is { } clocks)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"{p.Profile}: multiprocessors at {clocks.SmMegahertz} of {clocks.SmMaximumMegahertz} MHz, "
                    + $"memory at {clocks.MemoryMegahertz} of {clocks.MemoryMaximumMegahertz} MHz\n");
            }

            foreach (string warning in p.Warnings ?? []) text.Append(CultureInfo.InvariantCulture, $"{p.Profile}: {warning}\n");
        }
    }

    private static void AddPhase(TextColumns table, string profile, string name, PhaseTime phase) => table.Add(
        profile, name, Number(phase.MeanMilliseconds, "0.000"), Number(phase.P50Milliseconds, "0.000"),
        Number(phase.P95Milliseconds, "0.000"), Number(phase.P99Milliseconds, "0.000"),
        $"{Number(phase.CoefficientOfVariationPercent, "0.0")} %");

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
