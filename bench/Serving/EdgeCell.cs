using Pipeline.Engines;
using Pipeline.Engines.Benchmarks;

namespace Pipeline.Bench.Serving;

/// <summary>One model at one number of clients: raw loop, edge, unbatched edge and Node server in turns.</summary>
/// <param name="single">The same model, unbatched; null leaves that out.</param>
internal sealed class EdgeCell(
    LoadProcess generator, string folder, ServedModel model, ServedModel? single, int clients, bool quick)
{
    private static readonly TimeSpan TimePerKind = TimeSpan.FromSeconds(10);

    public async Task<OrderedDictionary<string, object>> MeasureAsync(
        EdgeHost edge, NodeServer node, RawLoop raw, CancellationToken cancellationToken)
    {
        double itemSeconds = 1 / raw.Run(TimeSpan.FromSeconds(0.2));
        // Every client must be answered some times in a turn.
        double seconds = quick ? 0.3 : Math.Clamp(3 * clients * itemSeconds, 0.5, 10);
        int rounds = quick ? 1 : (int)Math.Clamp(TimePerKind.TotalSeconds / seconds, 3, 15);
        Tensor input = model.CreateInput(1);
        byte[] body = ServedModel.CreateBody(input, out int jsonLength);
        string bodyPath = Path.Combine(folder, $"{model.Name}.body");
        await File.WriteAllBytesAsync(bodyPath, body, cancellationToken);
        LoadTurns Turns(Uri server, ServedModel to) => new(generator, new LoadOrder
        {
            Server = server,
            Model = to.Name,
            BodyPath = bodyPath,
            JsonLength = jsonLength,
            Clients = clients,
            RampSeconds = Math.Max(0.1, seconds / 4),
            Seconds = seconds,
        });
        LoadTurns batched = Turns(edge.Address, model);
        LoadTurns unbatched = Turns(edge.Address, single ?? model);
        LoadTurns other = Turns(node.Address, model);
        // Not counted: the compilers and the memory pools settle.
        await Turns(edge.Address, model).RunAsync(cancellationToken);
        await Turns(node.Address, model).RunAsync(cancellationToken);
        var (rawRates, ofRaw, ofNode) = (new double[rounds], new double[rounds], new double[rounds]);
        for (int round = 0; round < rounds; round++)
        {
            rawRates[round] = raw.Run(TimeSpan.FromSeconds(Math.Min(seconds, 1)));
            await batched.RunAsync(cancellationToken);
            if (single is not null) await unbatched.RunAsync(cancellationToken);
            await other.RunAsync(cancellationToken);
            ofRaw[round] = batched.LastPerSecond / rawRates[round];
            ofNode[round] = batched.LastPerSecond / other.LastPerSecond;
        }

        foreach (double[] values in new[] { rawRates, ofRaw, ofNode }) Array.Sort(values);
        return new()
        {
            ["model"] = model.Name,
            ["clients"] = clients,
            ["rawBatch"] = raw.Batch,
            ["rawMsPerItem"] = itemSeconds * 1000,
            ["rawPerSecond"] = Percentiles.Median(rawRates),
            ["edgePerSecond"] = batched.PerSecond,
            ["ofRaw"] = Percentiles.Median(ofRaw),
            ["singlePerSecond"] = single is null ? double.NaN : unbatched.PerSecond,
            ["nodePerSecond"] = other.PerSecond,
            ["ofNode"] = Percentiles.Median(ofNode),
            ["edgeP50Ms"] = batched.Milliseconds(50),
            ["edgeP99Ms"] = batched.Milliseconds(99),
            ["nodeP50Ms"] = other.Milliseconds(50),
            ["nodeP99Ms"] = other.Milliseconds(99),
            ["failed"] = batched.Failed + unbatched.Failed + other.Failed,
        };
    }
}
