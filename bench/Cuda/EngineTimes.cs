using System.Diagnostics;
using Pipeline.Core.Gates;
using Pipeline.Core.Policies;
using Pipeline.Engines;
using Pipeline.Engines.Benchmarks;
using Pipeline.Engines.OnnxRuntime;

namespace Pipeline.Bench.Cuda;

/// <summary>What engines on CUDA take: the benchmark of the gates, held against the wall clock, and what TF32 costs and gives.</summary>
internal sealed class EngineTimes(OnnxRuntimeOptions options, TimeSpan duration, CancellationToken cancellationToken)
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(300);

    /// <exception cref="InvalidOperationException">The benchmark's numbers contradict each other.</exception>
    public OrderedDictionary<string, object> Row(MeasuredModel model, int batch, string kind)
    {
        using IEngine engine = model.Load(Options(kind), cancellationToken);
        ShapeProfile profile = model.Profile(batch);
        var limits = new BenchmarkLimits { WarmUp = WarmUp, Duration = duration };
        BenchmarkEvidence evidence = LatencyBenchmark.Run(engine, [profile], limits, null, cancellationToken);
        ProfileBenchmark found = evidence.Profiles[0];
        DevicePhases phases = found.Phases ?? throw new InvalidOperationException($"The benchmark went by '{evidence.Method}'.");
        double lane = LaneMilliseconds(engine, model.Input(engine, batch, seed: 1));
        double sum = phases.CopyToDevice.MeanMilliseconds + phases.Compute.MeanMilliseconds + phases.CopyToHost.MeanMilliseconds;
        Require(Math.Abs(sum - found.MeanMilliseconds) <= 1e-3, $"the phases are {sum} ms, the latency {found.MeanMilliseconds} ms");
        Require(
            found.ThroughputPerSecond <= 1.05 * 1000 / phases.Compute.MeanMilliseconds,
            $"{found.ThroughputPerSecond:0} runs a second of {phases.Compute.MeanMilliseconds} ms compute on one stream");
        Require(lane >= 0.9 * phases.Compute.P50Milliseconds, $"a lane's run takes {lane} ms, its compute {phases.Compute.P50Milliseconds} ms");
        return new()
        {
            ["engine"] = $"{model.Name}-{batch} {kind}",
            ["p50Ms"] = found.P50Milliseconds,
            ["p99Ms"] = found.P99Milliseconds,
            ["toDeviceMs"] = phases.CopyToDevice.P50Milliseconds,
            ["computeMs"] = phases.Compute.P50Milliseconds,
            ["toHostMs"] = phases.CopyToHost.P50Milliseconds,
            ["enqueueMs"] = phases.Enqueue.P50Milliseconds,
            ["laneMs"] = lane,
            ["perSecond"] = found.ThroughputPerSecond,
            ["covPercent"] = found.CoefficientOfVariationPercent,
            ["deviceMiB"] = (evidence.DeviceMemoryBytes ?? 0) / (double)(1 << 20),
            ["smMhz"] = found.Clocks is { } clocks ? $"{clocks.SmMegahertz} of {clocks.SmMaximumMegahertz}" : "unknown",
            ["warnings"] = string.Join(' ', (found.Warnings ?? []).Select(w => w[..w.IndexOf(':', StringComparison.Ordinal)])),
        };
    }

    public OrderedDictionary<string, object> Accuracy(MeasuredModel model)
    {
        using IEngine full = model.Load(options, cancellationToken);
        using IEngine rounded = model.Load(Options("tf32"), cancellationToken);
        Require(rounded.Description.Contains("TF32", StringComparison.Ordinal), $"the engine does not say TF32: {rounded.Description}");
        Require(!full.Description.Contains("TF32", StringComparison.Ordinal), $"the engine says TF32: {full.Description}");
        (double cosine, double error) = model.Compare(full, cancellationToken);
        (double roundedCosine, double roundedError) = model.Compare(rounded, cancellationToken);
        Require(error < roundedError, $"with TF32 off the error is {error}, with it {roundedError}: the option does nothing");
        return new()
        {
            ["model"] = model.Name,
            ["cosine"] = $"{cosine:0.0000000}",
            ["largestError"] = $"{error:0.##e0}",
            ["cosineTf32"] = $"{roundedCosine:0.0000000}",
            ["largestErrorTf32"] = $"{roundedError:0.##e0}",
        };
    }

    /// <summary>Runs a second of several lanes, each on a thread, as an edge has them.</summary>
    public OrderedDictionary<string, object> Lanes(MeasuredModel model, int batch, int lanes, string kind)
    {
        using IEngine engine = model.Load(Options(kind), cancellationToken);
        Tensor input = model.Input(engine, batch, seed: 1);
        long runs = 0;
        Thread[] threads = [.. Enumerable.Range(0, lanes).Select(_ => new Thread(() =>
        {
            using var context = new BoundContext(engine);
            for (int run = 0; run < 10; run++) context.Run(input);
            long start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start) < duration)
            {
                context.Run(input);
                Interlocked.Increment(ref runs);
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        return new() { ["engine"] = $"{model.Name}-{batch} {kind}", ["lanes"] = lanes, ["itemsPerSecond"] = runs * batch / duration.TotalSeconds };
    }

    /// <summary>What a run costs when the one before had another number of items, all of them warm.</summary>
    public OrderedDictionary<string, object> Changes(MeasuredModel model, int one, int other, string kind)
    {
        using IEngine engine = model.Load(Options(kind), cancellationToken);
        using var context = new BoundContext(engine);
        Tensor[] inputs = [model.Input(engine, one, seed: 1), model.Input(engine, other, seed: 1)];
        double[] steady = [.. inputs.Select(input => Median(() => context.Run(input)))];
        int next = 0;
        double changing = Median(() => context.Run(inputs[next++ % 2]));
        return new()
        {
            ["engine"] = $"{model.Name} {kind}",
            ["oneSizeMs"] = steady[0],
            ["otherSizeMs"] = steady[1],
            ["inTurnsMs"] = changing,
        };
    }

    private OnnxRuntimeOptions Options(string kind) => kind switch
    {
        "tf32" => options with { Tf32 = true, CudaGraphs = false },
        "graphs" => options with { CudaGraphs = true },
        _ => options with { CudaGraphs = false },
    };

    private double LaneMilliseconds(IEngine engine, Tensor input)
    {
        using var context = new BoundContext(engine);
        return Median(() => context.Run(input));
    }

    private double Median(Action run)
    {
        for (int warm = 0; warm < 20; warm++) run();
        var samples = new List<double>();
        long begin = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begin) < duration)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            run();
            samples.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        samples.Sort();
        return Percentiles.Median(samples.ToArray());
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds) throw new InvalidOperationException(otherwise);
    }
}
