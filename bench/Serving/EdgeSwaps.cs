using Pipeline.Bench.Promoting;
using Pipeline.Engines;

namespace Pipeline.Bench.Serving;

/// <summary>The classifier's engine is swapped again and again while 64 clients ask.</summary>
internal sealed record EdgeSwaps(int Swaps, LoadTurns With, LoadTurns Without)
{
    private const int Clients = 64;
    private const int SwapsPerTurn = 10;

    public int Failed => With.Failed + Without.Failed;

    public double P99Ratio => With.Milliseconds(99) / Without.Milliseconds(99);

    public static async Task<EdgeSwaps> MeasureAsync(
        LoadProcess generator, string folder, ServedEngine served, IEngineBackend backend, BenchSettings settings,
        CancellationToken cancellationToken)
    {
        await using EdgeHost edge =
            await EdgeHost.StartAsync([served], TimeSpan.FromMilliseconds(40), backend, folder, cancellationToken);
        int turns = settings.Quick ? 1 : 20;
        // Faster than any rollout, slow enough that a turn also sees the edge between two swaps.
        TimeSpan pause = TimeSpan.FromMilliseconds(400);
        byte[][] models = (await ModelVariants.CreateAsync(3, cancellationToken))[1..];
        byte[][] engines = [.. models.Select(m => Build(backend, m, folder, cancellationToken))];
        byte[] body = Classifier.Body(Classifier.Input(1), out int jsonLength);
        string bodyPath = Path.Combine(folder, "swaps.body");
        await File.WriteAllBytesAsync(bodyPath, body, cancellationToken);
        var order = new LoadOrder
        {
            Server = edge.Address,
            Model = Classifier.Model,
            BodyPath = bodyPath,
            JsonLength = jsonLength,
            Clients = Clients,
            RampSeconds = 0.5,
            Seconds = SwapsPerTurn * (pause.TotalSeconds + 0.2),
        };
        var with = new LoadTurns(generator, order);
        var without = new LoadTurns(generator, order);
        int swaps = 0;
        for (int turn = 0; turn < turns; turn++)
        {
            settings.Say($"edge: swaps, turn {turn + 1} of {turns}");
            await without.RunAsync(cancellationToken);
            Task load = with.RunAsync(cancellationToken);
            while (!load.IsCompleted)
            {
                swaps++;
                ServedEngine next = served with { Version = $"{swaps + 1}", Engine = engines[swaps % 2] };
                await edge.PublishAsync([next], cancellationToken);
                await Task.Delay(pause, cancellationToken);
            }

            await load;
        }

        return new EdgeSwaps(swaps, with, without);
    }

    public OrderedDictionary<string, object> Row() => new()
    {
        ["swaps"] = Swaps,
        ["failed"] = Failed,
        ["withP50Ms"] = With.Milliseconds(50),
        ["withP99Ms"] = With.Milliseconds(99),
        ["withoutP50Ms"] = Without.Milliseconds(50),
        ["withoutP99Ms"] = Without.Milliseconds(99),
        ["p99Ratio"] = P99Ratio,
        ["withPerSecond"] = With.PerSecond,
        ["withoutPerSecond"] = Without.PerSecond,
    };

    private static byte[] Build(
        IEngineBackend backend, byte[] model, string folder, CancellationToken cancellationToken)
    {
        string path = Path.Combine(folder, $"{Guid.NewGuid():N}.onnx");
        File.WriteAllBytes(path, model);
        return EngineFiles.Build(backend, path, folder, cancellationToken);
    }
}
