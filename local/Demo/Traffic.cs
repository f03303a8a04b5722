namespace Pipeline.Local.Demo;

/// <summary>
/// Several clients that send one request after another, each for the next of many users, until disposed.
/// </summary>
internal sealed class Traffic : IAsyncDisposable
{
    private const int Clients = 4;
    private const int Users = 5000;

    private readonly CancellationTokenSource stop = new();
    private readonly InferenceClient client;
    private readonly string model;
    private readonly InferenceBody body;
    private readonly Task work;
    private int next;

    public Traffic(Uri edge, string model, InferenceBody body, TrafficCounts counts)
    {
        client = new InferenceClient(edge);
        this.model = model;
        this.body = body;
        Counts = counts;
        work = Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => SendAsync()));
    }

    public TrafficCounts Counts { get; }

    /// <summary>Waits until every request is answered that was sent.</summary>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await work;
        stop.Dispose();
        client.Dispose();
    }

    private async Task SendAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            string user = $"user-{(uint)Interlocked.Increment(ref next) % Users}";
            try
            {
                // Not cancelled by the stop: a request that was sent is always answered and counted.
                if (await client.InferAsync(model, body, user, CancellationToken.None) is { } answer)
                    Counts.CountAnswer(user, answer.Version);
                else
                    Counts.CountFailure("The edge has no engine for the model any more.");
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                Counts.CountFailure(e.Message);
            }
        }
    }
}
