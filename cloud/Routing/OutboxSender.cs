using Pipeline.Cloud.Messages;

namespace Pipeline.Cloud.Routing;

/// <summary>
/// Sends the events that route changes left. A crash between sending and forgetting sends one again, under the same
/// message id, which duplicate detection drops.
/// </summary>
public sealed class OutboxSender(RouteStore routes, EventPublisher publisher)
{
    /// <summary>Sends what is unsent of a target, oldest first; how many that were.</summary>
    public async Task<int> SendAsync(string target, CancellationToken cancellationToken)
    {
        int sent = 0;
        foreach (OutboxEvent unsent in await routes.OutboxAsync(target, cancellationToken))
        {
            await publisher.PublishAsync(unsent.Event, cancellationToken);
            await routes.RemoveOutboxAsync(unsent, cancellationToken);
            sent++;
        }

        return sent;
    }
}
