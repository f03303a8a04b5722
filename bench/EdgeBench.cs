using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;
using Pipeline.Bench.Reporting;
using Pipeline.Bench.Serving;
using Pipeline.Edge;
using Pipeline.Engines;
using Pipeline.Engines.Benchmarks;
using Pipeline.Engines.OnnxRuntime;

namespace Pipeline.Bench;

/// <summary>
/// The edge over HTTP beside a raw loop of the same engine, in turns of a second or two, so that whatever else the machine
/// does meets both. The clients run on the same processors and are part of the price.
/// </summary>
internal static class EdgeBench
{
    private static readonly (int Batch, int Clients)[] Cases = [(1, 1), (1, 2), (1, 8), (8, 1), (8, 2), (8, 8)];

    public static async Task<BenchResult> RunAsync(BenchSettings settings, CancellationToken cancellationToken)
    {
        int rounds = settings.Quick ? 2 : 7;
        TimeSpan turn = TimeSpan.FromSeconds(settings.Quick ? 0.3 : 1.5);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("pipeline-bench-");
        try
        {
            IEngineBackend backend = new OnnxRuntimeBackend(EdgeSettings.ReadRuntime(new ConfigurationBuilder().Build()));
            string enginePath = Path.Combine(folder.FullName, "model.engine");
            backend.Build(
                new EngineBuildOptions { ModelPath = Classifier.Path, EnginePath = enginePath }, cancellationToken);
            byte[] bytes = await File.ReadAllBytesAsync(enginePath, cancellationToken);
            using IEngine engine = backend.Load(bytes, cancellationToken);
            await using EdgeHost edge = await EdgeHost.StartAsync(bytes, backend, folder.FullName, cancellationToken);
            var rows = new List<ImmutableArray<BenchCell>>();
            foreach ((int batch, int clients) in Cases)
            {
                settings.Say($"edge: batch {batch}, {clients} clients");
                rows.Add(Measure(engine, edge.Address, batch, clients, rounds, turn, cancellationToken));
            }

            return new BenchResult
            {
                Name = "edge",
                What = $"{Path.GetFileName(Classifier.Path)} over HTTP with binary tensors, and the engine alone in one loop; " +
                    $"medians of {rounds} turns of {turn.TotalSeconds} s each; engine threads {engine.Threads}",
                Tables = [new BenchTable("requests a second; the engine alone runs one after another, as the edge does", [.. rows])],
            };
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static ImmutableArray<BenchCell> Measure(
        IEngine engine, Uri edge, int batch, int clients, int rounds, TimeSpan turn, CancellationToken cancellationToken)
    {
        Tensor input = Classifier.Input(batch);
        Tensor[] inputs = [input];
        byte[] body = Classifier.Body(input, out int jsonLength);
        Action[] raw = [() => engine.Run(inputs, CancellationToken.None).Dispose()];
        BinaryClient[] connections =
            [.. Enumerable.Range(0, clients).Select(_ => new BinaryClient(edge, Classifier.Model, body, jsonLength))];
        try
        {
            Action[] http = [.. connections.Select(c => (Action)c.Send)];
            // Not counted: the compiler and the memory pools settle.
            new LatencyLog().Run(raw, turn / 2);
            new LatencyLog().Run(http, turn);
            var (rawLog, httpLog) = (new LatencyLog(), new LatencyLog());
            var (rawRates, httpRates, ratios) = (new double[rounds], new double[rounds], new double[rounds]);
            for (int round = 0; round < rounds; round++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                rawRates[round] = rawLog.Run(raw, turn);
                httpRates[round] = httpLog.Run(http, turn);
                ratios[round] = httpRates[round] / rawRates[round];
            }

            foreach (double[] values in new[] { rawRates, httpRates, ratios }) Array.Sort(values);
            return
            [
                ("batch", batch), ("clients", clients),
                ("rawPerSecond", Percentiles.Median(rawRates)), ("httpPerSecond", Percentiles.Median(httpRates)),
                ("ratio", Percentiles.Median(ratios)), ("ratioMinimum", ratios[0]), ("ratioMaximum", ratios[^1]),
                ("rawP50Ms", rawLog.Percentile(50)), ("rawP99Ms", rawLog.Percentile(99)),
                ("httpP50Ms", httpLog.Percentile(50)), ("httpP99Ms", httpLog.Percentile(99)),
                ("bytesPerRequest", httpLog.AllocatedBytes / httpLog.Count),
            ];
        }
        finally
        {
            foreach (BinaryClient connection in connections) connection.Dispose();
        }
    }
}
