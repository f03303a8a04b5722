namespace Pipeline.Core.Events;

/// <summary>CloudEvents types on the topic promotion-events; also the application property that filters match.</summary>
public static class EventTypes
{
    public const string EngineBuilt = "pipeline.engine.built";
    public const string EngineFailed = "pipeline.engine.failed";
    public const string GatePassed = "pipeline.gate.passed";
    public const string GateFailed = "pipeline.gate.failed";
    public const string RouteChanged = "pipeline.route.changed";
    public const string RolloutAdvanced = "pipeline.rollout.advanced";
    public const string RolloutWithdrawn = "pipeline.rollout.withdrawn";
    public const string FleetChanged = "pipeline.fleet.changed";
}
