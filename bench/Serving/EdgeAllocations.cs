namespace Pipeline.Bench.Serving;

/// <summary>Bytes that the serving process allocates a request, beside a handler that does nothing.</summary>
internal static class EdgeAllocations
{
    public static async Task<OrderedDictionary<string, object>[]> MeasureAsync(
        LoadProcess generator, string folder, EdgeHost edge, bool quick, CancellationToken cancellationToken)
    {
        await using EmptyServer empty = await EmptyServer.StartAsync(cancellationToken);
        byte[] body = Classifier.Body(Classifier.Input(1), out int jsonLength);
        string bodyPath = Path.Combine(folder, "allocations.body");
        await File.WriteAllBytesAsync(bodyPath, body, cancellationToken);
        return
        [
            await MeasureAsync("the edge, classifier", edge.Address),
            await MeasureAsync("Kestrel with an empty handler", empty.Address),
        ];

        async Task<OrderedDictionary<string, object>> MeasureAsync(string what, Uri server)
        {
            var turns = new LoadTurns(generator, new LoadOrder
            {
                Server = server,
                Model = Classifier.Model,
                BodyPath = bodyPath,
                JsonLength = jsonLength,
                Clients = 8,
                RampSeconds = 0.5,
                Seconds = quick ? 2 : 15,
            });
            await turns.RunAsync(cancellationToken);
            return new() { ["what"] = what, ["bytesPerRequest"] = turns.BytesPerRequest, ["perSecond"] = turns.PerSecond };
        }
    }
}
