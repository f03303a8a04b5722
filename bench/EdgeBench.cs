using Microsoft.Extensions.Configuration;
using Pipeline.Bench.Promoting;
using Pipeline.Bench.Reporting;
using Pipeline.Bench.Serving;
using Pipeline.Edge;
using Pipeline.Engines.OnnxRuntime;

namespace Pipeline.Bench;

/// <summary>
/// The edge over HTTP beside a raw loop of the same engine and beside a plain Node server, in turns, so that whatever else
/// the machine does meets all of them; then the edge while its engine is swapped. The clients are a process of their own
/// on the same processors, and part of the price.
/// </summary>
internal static class EdgeBench
{
    private static readonly int[] ClientCounts = [1, 8, 64, 256];

    public static async Task<BenchResult> RunAsync(BenchSettings settings, CancellationToken cancellationToken)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("pipeline-bench-");
        try
        {
            using LoadProcess generator = LoadProcess.Start();
            var backend = new OnnxRuntimeBackend(EdgeSettings.ReadRuntime(new ConfigurationBuilder().AddEnvironmentVariables().Build()));
            ServedModel[] models = [Classifier.Served, OcrModels.Recognizer, OcrModels.Detector];
            byte[][] engines =
                [.. models.Select(m => EngineFiles.Build(backend, m.Path, folder.FullName, cancellationToken))];
            ServedEngine[] served = [.. models.Zip(engines, (m, e) => new ServedEngine(m, "1", e))];
            // Other weights, since routes that name the same engine share its lanes and its batching.
            byte[] variant = (await ModelVariants.CreateAsync(1, cancellationToken))[0];
            string variantPath = Path.Combine(folder.FullName, "variant.onnx");
            await File.WriteAllBytesAsync(variantPath, variant, cancellationToken);
            var single = new ServedEngine(
                OcrModels.SingleClassifier, "1", EngineFiles.Build(backend, variantPath, folder.FullName, cancellationToken));
            await using EdgeHost edge =
                await EdgeHost.StartAsync([.. served, single], Seconds(2), backend, folder.FullName, cancellationToken);
            var rows = new List<OrderedDictionary<string, object>>();
            foreach (ServedEngine one in served)
            {
                using NodeServer node = await NodeServer.StartAsync(one.Model.Path, cancellationToken);
                using RawLoop raw = RawLoop.Create(
                    backend.Load(one.Engine, cancellationToken), one.Model, settings.Quick ? Seconds(0.1) : Seconds(0.5),
                    cancellationToken);
                foreach (int clients in settings.Quick ? [1, 64] : ClientCounts)
                {
                    settings.Say($"edge: {one.Model.Name}, {clients} clients");
                    ServedModel? other = one == served[0] ? single.Model : null;
                    var cell = new EdgeCell(generator, folder.FullName, one.Model, other, clients, settings.Quick);
                    rows.Add(await cell.MeasureAsync(edge, node, raw, cancellationToken));
                }
            }

            settings.Say("edge: bytes allocated a request");
            OrderedDictionary<string, object>[] allocations =
                await EdgeAllocations.MeasureAsync(generator, folder.FullName, edge, settings.Quick, cancellationToken);
            EdgeSwaps swaps = await EdgeSwaps.MeasureAsync(
                generator, folder.FullName, served[0], backend, settings, cancellationToken);
            return new BenchResult
            {
                Name = "edge",
                What = "the edge over HTTP with binary tensors, one item a request; the engine alone in one loop at its best " +
                    "batch size; and a Node server on onnxruntime-node; in turns, medians over the turns",
                Tables =
                [
                    new BenchTable("items a second and latency", [.. rows]),
                    new BenchTable("allocations of the serving process, 8 clients", [.. allocations]),
                    new BenchTable("the classifier at 64 clients, with and without swaps, in turns", [swaps.Row()]),
                ],
                Goals = [.. Goals(rows, allocations, swaps)],
            };
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private static IEnumerable<BenchGoal> Goals(
        List<OrderedDictionary<string, object>> rows, OrderedDictionary<string, object>[] allocations, EdgeSwaps swaps)
    {
        var busy = rows.Where(r => (int)r["clients"] == 64).ToList();
        foreach (OrderedDictionary<string, object> row in busy.Where(r => (double)r["rawMsPerItem"] > 1))
        {
            double ratio = (double)row["ofRaw"];
            yield return new BenchGoal($"{row["model"]} at 64 clients: at least 0.9 of the raw loop", ratio, ratio >= 0.9);
        }

        OrderedDictionary<string, object> small = busy.First(r => (string)r["model"] == Classifier.Model);
        double batched = (double)small["edgePerSecond"] / (double)small["singlePerSecond"];
        yield return new BenchGoal("batched at least 2 times unbatched, classifier at 64 clients", batched, batched >= 2);
        double node = (double)small["ofNode"];
        yield return new BenchGoal("at least 3 times the Node server, classifier at 64 clients", node, node >= 3);
        double p99 = (double)small["edgeP99Ms"] / (double)small["nodeP99Ms"];
        yield return new BenchGoal("P99 below the Node server's, as a ratio", p99, p99 < 1);
        double bytes = (double)allocations[0]["bytesPerRequest"];
        yield return new BenchGoal("bytes allocated a request below 200", bytes, bytes < 200);
        double own = bytes - (double)allocations[1]["bytesPerRequest"];
        yield return new BenchGoal("of these beside Kestrel's with an empty handler: below 200", own, own < 200);
        yield return new BenchGoal("requests that failed during swaps: 0", swaps.Failed, swaps.Failed == 0);
        yield return new BenchGoal("P99 with swaps at most 1.2 of that without", swaps.P99Ratio, swaps.P99Ratio <= 1.2);
    }
}
