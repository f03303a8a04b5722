using System.Diagnostics;
using Pipeline.Engines;
using Pipeline.Engines.Benchmarks;
using Pipeline.Engines.OnnxRuntime;

namespace Pipeline.Bench.Cuda;

/// <summary>Whether engines on CUDA do what their binding promises: each check throws when they do not.</summary>
internal sealed class EngineChecks(OnnxRuntimeOptions options, CancellationToken cancellationToken)
{
    /// <summary>Outputs are probabilities; the same kernels on the same inputs give the same bits, or nearly.</summary>
    private const double DifferenceMaximum = 1e-4;

    private const int NewSizes = 32;
    private const double NewShapeMilliseconds = 10_000;

    private readonly OnnxRuntimeOptions plain = options with { CudaGraphs = false };
    private readonly OnnxRuntimeOptions graphs = options with { CudaGraphs = true };

    public IReadOnlyList<(string Name, Func<string> Run)> All =>
    [
        .. MeasuredModel.All.Select(m => ($"{m.Name}: tensors that stay on the device give what a plain run gives", Run(m, Bound))),
        .. MeasuredModel.All.Select(m => ($"{m.Name}: graphs, on two lanes beside plain runs, give the same", Run(m, Graphs))),
        ($"cls: {NewSizes} batch sizes that it never had begin within {NewShapeMilliseconds} ms each", Run(MeasuredModel.All[0], NewShapes)),
        ("cls: runs that are warm allocate nothing", Run(MeasuredModel.All[0], Allocations)),
        ("cls: 20 loads leave no memory behind", Run(MeasuredModel.All[0], Loads)),
    ];

    private static Func<string> Run(MeasuredModel model, Func<MeasuredModel, string> check) => () => check(model);

    private static byte[] Plain(IEngine engine, Tensor input, CancellationToken cancellationToken)
    {
        using EngineOutputs outputs = engine.Run([input], cancellationToken);
        return outputs.Data(0).ToArray();
    }

    private string Bound(MeasuredModel model)
    {
        using IEngine engine = model.Load(plain, cancellationToken);
        using var context = new BoundContext(engine);
        double largest = 0;
        for (int turn = 0; turn < 3; turn++)
        {
            foreach (int batch in model.Batches)
            {
                Tensor input = model.Input(engine, batch, seed: turn);
                byte[] plain = Plain(engine, input, cancellationToken);
                largest = Math.Max(largest, context.Difference(input, plain));
                largest = Math.Max(largest, context.Difference(input, plain));
            }
        }

        Require(largest <= DifferenceMaximum, $"the outputs differ by {largest:0.##e0}");
        Require(engine.DeviceMemoryBytes > 0, "the engine says that it takes no device memory");
        return $"largest difference {largest:0.##e0}, {engine.DeviceMemoryBytes >> 20} MiB on the device, {engine.Description}";
    }

    private string Graphs(MeasuredModel model)
    {
        using IEngine other = model.Load(plain, cancellationToken);
        using IEngine engine = model.Load(graphs, cancellationToken);
        double[] largest = new double[3];
        Parallel.For(0, largest.Length, new ParallelOptions { MaxDegreeOfParallelism = largest.Length }, lane =>
        {
            using var context = new BoundContext(engine);
            for (int turn = 0; turn < 6; turn++)
            {
                foreach (int batch in model.Batches)
                {
                    Tensor input = model.Input(engine, batch, seed: (10 * lane) + turn);
                    byte[] expected = Plain(other, input, cancellationToken);
                    // The last lane runs beside, without a context.
                    double difference = lane == 2
                        ? DifferenceOf(Plain(engine, input, cancellationToken), expected)
                        : context.Difference(input, expected);
                    if (!(difference <= largest[lane])) largest[lane] = difference;
                }
            }
        });
        Require(largest.All(d => d <= DifferenceMaximum), $"the outputs differ by {string.Join(", ", largest.Select(d => $"{d:0.##e0}"))}");
        return $"largest difference {largest.Max():0.##e0}, {engine.Description}";
    }

    private string NewShapes(MeasuredModel model)
    {
        using IEngine engine = model.Load(options, cancellationToken);
        using var context = new BoundContext(engine);
        context.Run(model.Input(engine, NewSizes + 1, seed: 1));
        double[] first = [.. Enumerable.Range(1, NewSizes).Select(batch =>
        {
            Tensor input = model.Input(engine, batch, seed: 1);
            long start = Stopwatch.GetTimestamp();
            context.Run(input);
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }).Order()];
        Require(first[^1] < NewShapeMilliseconds, $"the slowest took {first[^1]:0} ms");
        return $"median {Percentiles.Median(first):0.0} ms, slowest {first[^1]:0.0} ms";
    }

    private string Allocations(MeasuredModel model)
    {
        foreach (OnnxRuntimeOptions with in (OnnxRuntimeOptions[])[plain, graphs])
        {
            using IEngine engine = model.Load(with, cancellationToken);
            using var context = new BoundContext(engine);
            Tensor input = model.Input(engine, 8, seed: 1);
            for (int run = 0; run < 20; run++) context.Run(input);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int run = 0; run < 100; run++) context.Run(input);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Require(allocated == 0, $"100 runs allocated {allocated} bytes ({engine.Description})");
        }

        return "0 bytes in 100 runs, with and without graphs";
    }

    private string Loads(MeasuredModel model)
    {
        var backend = new OnnxRuntimeBackend(options);
        long before = 0;
        for (int load = 0; load < 20; load++)
        {
            using IEngine engine = model.Load(options, cancellationToken);
            using var context = new BoundContext(engine);
            context.Run(model.Input(engine, 8, seed: 1));
            // The first ones bring the libraries' own memory.
            if (load == 4) before = Free(backend);
        }

        long lost = before - Free(backend);
        Require(lost < 64 << 20, $"{lost >> 20} MiB of the device are lost");
        return $"{lost >> 20} MiB lost after the fifth";
    }

    private static long Free(OnnxRuntimeBackend backend) =>
        backend.ReadDeviceMemory() is { } memory ? memory.FreeBytes : throw new InvalidOperationException("The device's memory cannot be read.");

    private static double DifferenceOf(byte[] actual, byte[] expected)
    {
        double largest = 0;
        for (int i = 0; i < expected.Length; i += sizeof(float))
        {
            double difference = Math.Abs(BitConverter.ToSingle(actual, i) - BitConverter.ToSingle(expected, i));
            if (!(difference <= largest)) largest = difference;
        }

        return largest;
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds) throw new InvalidOperationException(otherwise);
    }
}
