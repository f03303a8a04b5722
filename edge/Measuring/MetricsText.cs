using Pipeline.Edge.Loading;
using Pipeline.Edge.Routing;
using Pipeline.Edge.Serving;
using Pipeline.Engines;

namespace Pipeline.Edge.Measuring;

/// <summary>
/// The Prometheus text of this process. Labels are bounded: models and versions come from signed routes, never from
/// requests, and the statistics book forgets old ones.
/// </summary>
internal sealed class MetricsText(
    EdgeState state, StatisticsBook statistics, EdgeCounters counters, EngineShelf shelf, EngineMemory memory, AdmissionGate gate,
    BackendProbe machine, EdgeOptions options)
{
    public string Write()
    {
        var text = new ExpositionText();
        RouteTable table = state.Table;
        new VersionMetrics(text, statistics.All, LabelsOf).Write();
        new EngineMetrics(text, table, LabelsOf).Write();
        WriteLoading(text);
        WriteRouting(text, table);
        WriteAdmission(text);
        ProcessMetrics.Write(text);
        return text.ToString();
    }

    private string LabelsOf(string model, string version) => ExpositionText.Labels(
        ("model", model), ("version", version), ("target", TargetOf(model)), ("runtime", options.Runtime));

    private string TargetOf(string model) =>
        state.Table.Models.TryGetValue(model, out ModelRoute? route) ? route.Target : options.Followed[0];

    private void WriteLoading(ExpositionText text)
    {
        text.Single("edge_engine_loads_total", "counter", "Engines loaded.", shelf.Loads);
        text.Family("edge_engine_load_failures_total", "counter", "Engines that did not load, by reason.");
        foreach ((EngineFaultKind kind, long count) in shelf.Figures.FailuresByKind) text.Sample($"kind=\"{kind}\"", count);
        text.Single("edge_engine_load_seconds_total", "counter", "Time spent loading engines from disk.", shelf.LoadTime.TotalSeconds);
        text.Single("edge_engine_load_seconds_maximum", "gauge", "Longest load.", shelf.Figures.LongestLoad.TotalSeconds);
        text.Single("edge_engine_loaded_bytes_total", "counter", "Bytes of the engines loaded.", shelf.Figures.LoadedBytes);
        text.Single("edge_engine_loads_stuck", "gauge", "Loads that hang and were left behind.", shelf.StuckLoads);
        text.Single("edge_engines_draining", "gauge", "Engines that only their last requests hold.", shelf.Figures.Draining);
        text.Single("edge_swaps_total", "counter", "Engines that took over from another.", state.Swaps);
        text.Single("edge_swap_seconds", "gauge", "From the routes to the engine that serves, last swap.", state.LastSwap.TotalSeconds);
        text.Single("edge_swap_seconds_maximum", "gauge", "The same, longest swap.", state.LongestSwap.TotalSeconds);
        text.Single(
            "edge_swap_stall_seconds_maximum", "gauge", "Longest time that a swap held requests.", state.LongestStall.TotalSeconds);
        text.Single("edge_engines_memory_bytes", "gauge", "Estimated memory of all loaded engines.", shelf.MemoryBytes);
        text.Single("edge_memory_limit_bytes", "gauge", "What engines may take.", options.MemoryLimitBytes);
        text.Single("edge_swaps_in_place_total", "counter", "Swaps for which the old engine had to go first.", shelf.SwapsInPlace);
        if (memory.ReadFreeBytes() is not { } free) return;
        text.Single("edge_device_memory_free_bytes", "gauge", "Free memory of the device.", free);
        text.Single("edge_device_memory_reserve_bytes", "gauge", "What stays free of it.", options.DeviceMemoryReserveBytes);
        text.Single(
            "edge_engines_device_memory_bytes", "gauge", "Device memory of all loaded engines, as measured before they were routed.",
            shelf.Figures.LoadedDeviceMemoryBytes);
    }

    private void WriteRouting(ExpositionText text, RouteTable table)
    {
        text.Family("edge_info", "gauge", "1, with what this edge runs.");
        text.Sample(
            ExpositionText.Labels(
                ("runtime", options.Runtime), ("driver", machine.Driver ?? ""), ("simulated", machine.IsSimulated ? "true" : "false")),
            1);
        text.Family("edge_route_revision", "gauge", "Revision of the routes that are followed; 0 where a target has none.");
        foreach (string target in options.Followed)
            text.Sample(ExpositionText.Labels(("target", target)), table.RevisionOf(target));
        text.Single(
            "edge_snapshot_refused", "gauge", "1 while the newest snapshot is refused.", state.SnapshotFault is null ? 0 : 1);
        text.Single("edge_ready", "gauge", "1 once every routed model that runs here had an engine, till it stops.", state.IsReady ? 1 : 0);
        text.Single("edge_report_failures_total", "counter", "Fleet reports that could not be sent.", counters.ReportFailures);
    }

    private void WriteAdmission(ExpositionText text)
    {
        text.Family("edge_refused_total", "counter", "Inference requests answered with a problem, by HTTP status.");
        foreach ((int status, long count) in counters.Refused) text.Sample($"status=\"{status}\"", count);
        text.Single("edge_clients_gone_total", "counter", "Clients that went away before their answer.", counters.ClientsGone);
        text.Single("edge_requests_in_flight", "gauge", "Inference requests admitted and not yet answered.", gate.InFlight);
        text.Single("edge_buffered_bytes", "gauge", "Memory reserved for the requests in flight and their answers.", gate.BufferedBytes);
    }
}
