namespace Pipeline.Core.Policies;

/// <summary>The part <c>gates</c> of a policy file.</summary>
internal static class PolicyGates
{
    private const double MillisecondsMaximum = 3_600_000;

    public static AccuracyLimits ReadAccuracy(PolicyObject? gates, AccuracyLimits absent)
    {
        PolicyObject? part = gates?.Object(
            "accuracy", "cosine", "absoluteError", "relativeError", "top1Agreement", "seededSamples", "seed");
        return part is null ? absent : new AccuracyLimits
        {
            CosineMinimum = part.Number("cosine", 0, 1) ?? absent.CosineMinimum,
            AbsoluteErrorMaximum = part.Limit("absoluteError", 0, 1e12, absent.AbsoluteErrorMaximum),
            RelativeErrorMaximum = part.Limit("relativeError", 0, 1e12, absent.RelativeErrorMaximum),
            Top1AgreementMinimum = part.Limit("top1Agreement", 0, 1, absent.Top1AgreementMinimum),
            SeededSamples = part.Integer("seededSamples", 0, 64) ?? absent.SeededSamples,
            Seed = part.Integer("seed", 0, int.MaxValue) ?? absent.Seed,
        };
    }

    public static BenchmarkLimits ReadBenchmark(PolicyObject? gates, BenchmarkLimits absent)
    {
        PolicyObject? part = gates?.Object(
            "benchmark", "p50Milliseconds", "p90Milliseconds", "p99Milliseconds", "throughputPerSecond", "warmUp", "duration",
            "regression");
        return part is null ? absent : new BenchmarkLimits
        {
            WarmUp = part.Duration("warmUp", TimeSpan.Zero, TimeSpan.FromMinutes(5)) ?? absent.WarmUp,
            Duration = part.Duration("duration", TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(30)) ?? absent.Duration,
            P50MillisecondsMaximum = part.Limit("p50Milliseconds", 0, MillisecondsMaximum, absent.P50MillisecondsMaximum),
            P90MillisecondsMaximum = part.Limit("p90Milliseconds", 0, MillisecondsMaximum, absent.P90MillisecondsMaximum),
            P99MillisecondsMaximum = part.Limit("p99Milliseconds", 0, MillisecondsMaximum, absent.P99MillisecondsMaximum),
            ThroughputPerSecondMinimum = part.Limit("throughputPerSecond", 0, 1e9, absent.ThroughputPerSecondMinimum),
            Regression = part.IsNull("regression") ? null : ReadRegression(part, absent.Regression ?? new()),
        };
    }

    private static RegressionLimits ReadRegression(PolicyObject benchmark, RegressionLimits absent)
    {
        PolicyObject? part = benchmark.Object("regression", "p50", "p99", "throughput", "timeLimit");
        return part is null ? absent : new RegressionLimits
        {
            P50Maximum = part.Limit("p50", 0.001, 10, absent.P50Maximum),
            P99Maximum = part.Limit("p99", 0.001, 10, absent.P99Maximum),
            ThroughputMaximum = part.Limit("throughput", 0.001, 0.99, absent.ThroughputMaximum),
            TimeLimit = part.Duration("timeLimit", TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(30)) ?? absent.TimeLimit,
        };
    }
}
