using Pipeline.Edge.Routing;

namespace Pipeline.Edge.Measuring;

/// <summary>Writes how the engines of the route table stand now, by the version that they serve.</summary>
/// <param name="labelsOf">The labels of a model's version.</param>
internal sealed class EngineMetrics(ExpositionText text, RouteTable table, Func<string, string, string> labelsOf)
{
    // A route may name one version twice while its old engine is kept: what is stable is told, once.
    private readonly Series[] series =
    [
        .. from route in table.Models.Values.OrderBy(m => m.Model, StringComparer.Ordinal)
           from version in new[] { route.Stable, route.Candidate }.OfType<ServingVersion>().DistinctBy(v => v.Version)
           select new Series(version, labelsOf(version.Model, version.Version)
               + (version == route.Stable ? ",kind=\"stable\"" : ",kind=\"candidate\"")),
    ];

    public void Write()
    {
        text.Family("edge_engine_memory_bytes", "gauge", "Estimated memory of a version's engine.");
        foreach (Series one in series) text.Sample(one.Labels, one.Version.Engine.MemoryBytes);
        text.Family("edge_engine_device_memory_bytes", "gauge", "Device memory of a version's engine; 0 on processors.");
        foreach (Series one in series) text.Sample(one.Labels, one.Version.Engine.DeviceMemoryBytes);
        Each("queue_depth", "Requests that no execution lane has taken yet.", g => g.QueueDepth);
        Each("lanes", "Runs of the engine that may go on at the same time.", g => g.Lanes);
        Each("threads_per_run", "Threads of one run.", g => g.Threads);
        text.Family("edge_engine_items_maximum", "gauge", "Items that one run may have.");
        foreach (Series one in series) text.Sample(one.Labels, one.Version.Plan.ItemsMaximum);
        text.Family("edge_engine_unbatched", "gauge", "1 where each request runs alone, with the reason.");
        foreach (Series one in series)
        {
            if (one.Version.Plan.WhyNot is { } why)
                text.Sample($"{one.Labels},{ExpositionText.Labels(("reason", why))}", 1);
        }
    }

    private void Each(string name, string help, Func<IEngineGauges, double> value)
    {
        text.Family("edge_engine_" + name, "gauge", help);
        foreach (Series one in series)
        {
            if (one.Gauges is { } gauges) text.Sample(one.Labels, value(gauges));
        }
    }

    private readonly record struct Series(ServingVersion Version, string Labels)
    {
        public IEngineGauges? Gauges => Version.Engine.Gauges;
    }
}
