using Pipeline.Core.Fleet;

namespace Pipeline.Edge.Sources;

/// <summary>Where this edge reports about itself: the Fleet table in the product, memory in tests.</summary>
internal interface IFleetSink
{
    Task ReportAsync(FleetReport report, CancellationToken cancellationToken);
}
