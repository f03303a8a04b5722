using Pipeline.Cloud.Messages;
using Pipeline.Core.Events;
using Pipeline.Core.Routing;

namespace Pipeline.Cloud.Routing;

/// <summary>The event that tells of a route change.</summary>
internal static class RouteEvents
{
    /// <summary>The same change makes the same event id, whoever sends it and how often.</summary>
    public static OutboxEvent Of(RouteChange change, DateTimeOffset now)
    {
        Route after = change.After.Route;
        long revision = change.ExpectedRevision + 1;
        var notice = new PipelineNotice
        {
            Model = after.Model,
            Version = VersionOf(change),
            Target = after.Target,
            Revision = revision,
            Reason = change.Why,
        };
        return new OutboxEvent
        {
            Target = after.Target,
            Revision = revision,
            Event = CloudEvent.Create(change.EventType, $"{after.Target}/{after.Model}", notice, now, change.TraceParent),
        };
    }

    private static string? VersionOf(RouteChange change) => change.EventType == EventTypes.RolloutWithdrawn
        ? change.Before?.Route.Candidate?.Version
        : (change.After.Route.Candidate ?? change.After.Route.Stable)?.Version;
}
