using Pipeline.Core.Events;

namespace Pipeline.Cloud.Messages;

/// <summary>What a message of the subscription gatekeeper says.</summary>
public abstract record EngineOutcome
{
    private EngineOutcome()
    {
    }

    public sealed record Built(EngineBuilt Event) : EngineOutcome;

    public sealed record Failed(EngineFailed Event) : EngineOutcome;

    /// <summary>It cannot be read and never will be: dead-letter it with this sentence.</summary>
    public sealed record Unreadable(string Fault) : EngineOutcome;
}
