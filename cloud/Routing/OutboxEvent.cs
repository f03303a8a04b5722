using Pipeline.Cloud.Messages;

namespace Pipeline.Cloud.Routing;

/// <summary>The event of a route change, kept with the change until it is sent.</summary>
public sealed record OutboxEvent
{
    public required string Target { get; init; }

    public required long Revision { get; init; }

    public required CloudEvent Event { get; init; }
}
