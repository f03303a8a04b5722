using System.Globalization;
using System.Text;
using Pipeline.Core.Fleet;
using Pipeline.Edge.Loading;
using Pipeline.Edge.Routing;
using Pipeline.Edge.Serving;

namespace Pipeline.Edge.Measuring;

/// <summary>
/// The Prometheus text of this process. Labels are bounded: models and versions come from signed routes, never from
/// requests, and the statistics book forgets old ones.
/// </summary>
internal sealed class MetricsText(
    EdgeState state, StatisticsBook statistics, EdgeCounters counters, EngineShelf shelf, AdmissionGate gate,
    EdgeOptions options)
{
    public string Write()
    {
        var text = new StringBuilder(16 * 1024);
        Requests(text);
        foreach ((int status, long count) in counters.Refused)
            Line(text, "edge_refused_total", $"status=\"{status}\"", count);
        Counter(text, "edge_clients_gone_total", "Clients that went away before their answer.", counters.ClientsGone);
        Counter(text, "edge_engine_loads_total", "Engines loaded.", shelf.Loads);
        Counter(text, "edge_engine_load_failures_total", "Engines that did not load.", shelf.Failures);
        Counter(text, "edge_engine_load_seconds_total", "Time spent loading engines.", shelf.LoadTime.TotalSeconds);
        Counter(text, "edge_swaps_total", "Engines that took over from another.", state.Swaps);
        Counter(text, "edge_report_failures_total", "Fleet reports that could not be sent.", counters.ReportFailures);
        Gauge(text, "edge_route_revision", "Revision of the routes that are followed.", state.Table.Revision);
        int refused = state.SnapshotFault is null ? 0 : 1;
        Gauge(text, "edge_snapshot_refused", "1 while the newest snapshot is refused.", refused);
        Gauge(text, "edge_ready", "1 while every routed model has an engine.", state.IsReady ? 1 : 0);
        Gauge(text, "edge_requests_in_flight", "Inference requests admitted and not yet answered.", gate.InFlight);
        Gauge(text, "edge_requests_waiting", "Requests that wait for their turn to run.", Waiting());
        Gauge(text, "edge_buffered_bytes", "Memory reserved for the bodies in flight.", gate.BufferedBytes);
        Gauge(text, "edge_engine_memory_bytes", "Estimated memory of the loaded engines.", shelf.MemoryBytes);
        Gauge(text, "edge_memory_limit_bytes", "What engines may take.", options.MemoryLimitBytes);
        Gauge(text, "edge_process_memory_bytes", "Resident memory of the process.", Environment.WorkingSet);
        Gauge(text, "edge_processors", "Processors that the process may use.", Environment.ProcessorCount);
        return text.ToString();
    }

    private long Waiting() => state.Table.Serving.Select(v => v.Engine.Scheduler).Distinct().Sum(s => (long)s.QueueDepth);

    private void Requests(StringBuilder text)
    {
        Head(text, "edge_requests_total", "Requests that a version answered or failed.", "counter");
        EachKind((version, kind, labels) => Line(text, "edge_requests_total", labels, version.Requests(kind)));
        Head(text, "edge_errors_total", "Requests that a version failed.", "counter");
        EachKind((version, kind, labels) => Line(text, "edge_errors_total", labels, version.Errors(kind)));
        Head(text, "edge_latency_seconds", "Waiting and running time of answers.", "histogram");
        EachKind((version, kind, labels) =>
        {
            long sum = 0;
            for (int i = 0; i < LatencyHistogram.BucketCount; i++)
            {
                sum += version.InBucket(kind, i);
                string bound = i == LatencyHistogram.UpperBoundsMilliseconds.Length
                    ? "+Inf"
                    : (LatencyHistogram.UpperBoundsMilliseconds[i] / 1000).ToString("R", CultureInfo.InvariantCulture);
                Line(text, "edge_latency_seconds_bucket", $"{labels},le=\"{bound}\"", sum);
            }

            Line(text, "edge_latency_seconds_sum", labels, version.LatencySum(kind).TotalSeconds);
            Line(text, "edge_latency_seconds_count", labels, sum);
        });
        Head(text, "edge_refused_total", "Inference requests answered with a problem, by HTTP status.", "counter");
    }

    private void EachKind(Action<VersionStatistics, RouteKind, string> write)
    {
        foreach (VersionStatistics version in statistics.All)
        {
            foreach (RouteKind kind in Enum.GetValues<RouteKind>())
            {
                if (version.Requests(kind) == 0) continue;
                write(
                    version, kind, $"model=\"{version.Model}\",version=\"{version.Version}\",route=\"{kind.Word()}\"");
            }
        }
    }

    private static void Counter(StringBuilder text, string name, string help, double value)
    {
        Head(text, name, help, "counter");
        Line(text, name, null, value);
    }

    private static void Gauge(StringBuilder text, string name, string help, double value)
    {
        Head(text, name, help, "gauge");
        Line(text, name, null, value);
    }

    private static void Head(StringBuilder text, string name, string help, string type) =>
        text.Append("# HELP ").Append(name).Append(' ').Append(help).Append('\n')
            .Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    private static void Line(StringBuilder text, string name, string? labels, double value)
    {
        text.Append(name);
        if (labels is not null) text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }
}
