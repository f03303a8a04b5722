using Pipeline.Edge.Routing;

namespace Pipeline.Edge.Serving;

/// <summary>
/// Says "not ready" before the door closes, so that load balancers stop sending first. After it the server waits for
/// the requests in flight, and then the last fleet report goes out.
/// </summary>
internal sealed class GracefulStop(EdgeState state, EdgeOptions options) : IHostedLifecycleService
{
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        state.Stop();
        return Task.Delay(options.DrainDelay, cancellationToken);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
