using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Pipeline.Core.Fleet;
using Pipeline.Edge.Batching;
using Pipeline.Edge.Loading;
using Pipeline.Edge.Measuring;
using Pipeline.Edge.Routing;
using Pipeline.Edge.Shadowing;
using Pipeline.Edge.Tests.Support;
using Pipeline.Engines;

namespace Pipeline.Edge.Tests.Measuring;

public sealed class MetricsTextTests
{
    [Fact]
    public async Task Metrics_AfterRequests_TellThemByVersionAndKind()
    {
        await using EdgeHarness edge = await EdgeHarness.StartAsync();
        edge.Publish(edge.Route(
            "add", edge.Version("add", "1", TestEngines.Build(TinyOnnx.Add(1))),
            edge.Version("add", "2", TestEngines.Build(TinyOnnx.Add(2))), 0));
        await edge.WaitServingAsync("add", "1", "2");
        await edge.SendAsync(InferCall.Row("add", 1));
        await edge.SendAsync(InferCall.Row("add", 1));
        await edge.SendAsync(InferCall.Row("add", 1).With("x-route-tag", "candidate"));
        await edge.SendAsync(InferCall.Json("add", "{}"));

        Exposition read = Exposition.Read(await edge.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken));

        (string, string)[] stable =
        [
            ("model", "add"), ("version", "1"), ("kind", "stable"), ("target", TestEngines.Probe.Targets[0]),
            ("runtime", TestEngines.Probe.Runtime!),
        ];
        Assert.Equal(2, read.Value("edge_requests_total", stable));
        Assert.Equal(1, read.Value("edge_requests_total", ("version", "2"), ("kind", "named")));
        Assert.Equal(0, read.Value("edge_errors_total", [.. stable, ("error", "run_failed")]));
        foreach (string stage in new[] { "queue", "execute", "total" })
            Assert.Equal(2, read.Value("edge_latency_seconds_count", [.. stable, ("stage", stage)]));
        Assert.True(read.Value("edge_latency_seconds_sum", [.. stable, ("stage", "execute")]) > 0);
        Assert.True(read.Value("edge_engine_memory_bytes", stable) > 0);
        Assert.Equal(1, read.Value("edge_refused_total", ("status", "400")));
        Assert.Equal(1, read.Value("edge_route_revision", ("target", TestEngines.Probe.Targets[0])));
        Assert.Equal(1, read.Value("edge_ready"));
        Assert.Equal(Environment.ProcessorCount, read.Value("edge_processors"));
        Assert.True(read.Value("edge_process_memory_bytes") > 0);
        Assert.DoesNotContain(read.Samples, s => s.Labels.GetValueOrDefault("kind") == "shadow");
    }

    [Fact]
    public void Latency_AtEveryBoundTold_CountsExactlyWhatIsWithin()
    {
        var statistics = new VersionStatistics("add", "1");
        var random = new Random(5);
        long[] times = [.. Enumerable.Range(0, 3000).Select(_ => (long)Math.Exp(random.NextDouble() * 27))];
        foreach (long ticks in times) statistics.CountServed(RouteKind.Shadow, new(ticks / 2, ticks / 3, ticks / 4, ticks));

        Exposition read = Written([statistics]);

        ExpositionSample[] buckets =
            [.. read.Samples.Where(s => s.Name == "edge_latency_seconds_bucket" && s.Labels["stage"] == "total")];
        Assert.Equal(36, buckets.Length);
        Assert.All(buckets, b =>
        {
            double bound = b.Labels["le"] == "+Inf" ? double.PositiveInfinity
                : LatencyHistogram.UpperBoundsMilliseconds.Single(m =>
                    m / 1000 == double.Parse(b.Labels["le"], CultureInfo.InvariantCulture));
            Assert.Equal(times.Count(t => TickBuckets.Milliseconds(t) <= bound), b.Value);
            Assert.Equal("shadow", b.Labels["kind"]);
        });
        Assert.Equal(
            (double)times.Sum() / Stopwatch.Frequency, read.Value("edge_latency_seconds_sum", ("stage", "total")), 6);
    }

    [Fact]
    public void Batches_Errors_AndShadows_AreTold()
    {
        var statistics = new VersionStatistics("add", "1");
        foreach (int items in new[] { 1, 3, 4, 5000 }) statistics.CountBatch(items);
        statistics.CountError(RouteKind.Candidate, RequestErrorKind.QueueFull);
        statistics.CountError(RouteKind.Candidate, RequestErrorKind.DeadlineExceeded);
        statistics.CountShadow(new ShadowComparison(false, 0.25, double.PositiveInfinity, 4, 3), diverged: true);
        statistics.CountShadowSkipped();
        statistics.CountShadowError();

        Exposition read = Written([statistics]);

        Assert.Equal(1, read.Value("edge_batch_items_bucket", ("le", "2")));
        Assert.Equal(3, read.Value("edge_batch_items_bucket", ("le", "4")));
        Assert.Equal(4, read.Value("edge_batch_items_count"));
        Assert.Equal(5008, read.Value("edge_batch_items_sum"));
        Assert.Equal(1, read.Value("edge_errors_total", ("kind", "candidate"), ("error", "queue_full")));
        Assert.Equal(0, read.Value("edge_requests_total", ("kind", "candidate")));
        Assert.Equal(1, read.Value("edge_errors_total", ("kind", "shadow"), ("error", "run_failed")));
        Assert.Equal((1, 1, 1), (read.Value("edge_shadow_compared_total"), read.Value("edge_shadow_diverged_total"),
            read.Value("edge_shadow_skipped_total")));
        Assert.Equal((0.25, double.PositiveInfinity), (read.Value("edge_shadow_cosine_minimum"),
            read.Value("edge_shadow_absolute_error_maximum")));
        Assert.Equal((4, 3), (read.Value("edge_shadow_rows_total"), read.Value("edge_shadow_rows_agreeing_total")));
    }

    [Fact]
    public void Labels_WithAnything_ReadBackTheSame()
    {
        const string odd = "a\\b\"c\nd,e}=é n\\n";
        Assert.Equal(odd, Written([Served(odd)]).Samples[0].Labels["model"]);
    }

    [Fact]
    public void Engines_OfTheTable_TellTheirGauges()
    {
        using IEngine engine =
            TestEngines.Backend.Load(TestEngines.Build(TinyOnnx.Add(1)), TestContext.Current.CancellationToken);
        BatchPlan Plan(string? whyNot) => BatchPlan.Create(new EngineSignature(engine), [Profiles.Rows(16)], null, whyNot);
        var table = new RouteTable
        {
            Revisions = ImmutableSortedDictionary<string, long>.Empty.Add("cpu-x64-avx2", 1),
            Models = new Dictionary<string, ModelRoute>
            {
                ["add"] = new(
                    "add", Serving("1", new Gauges(7, 2, 3), Plan(null)), Serving("2", new Gauges(0, 1, 1), Plan("No \"n\".")), 1),
                ["old"] = new("old", Serving("1", null, Plan(null)), Serving("1", null, Plan(null)), 1),
            }.ToFrozenDictionary(),
            Statuses = [],
            Wanted = [],
        };
        var text = new ExpositionText();
        new EngineMetrics(text, table, LabelsOf).Write();

        Exposition read = Exposition.Read(text.ToString());

        (string, string)[] stable = [("model", "add"), ("version", "1"), ("kind", "stable")];
        Assert.Equal(7, read.Value("edge_engine_queue_depth", stable));
        Assert.Equal(2, read.Value("edge_engine_lanes", stable));
        Assert.Equal(3, read.Value("edge_engine_threads_per_run", stable));
        Assert.Equal(16, read.Value("edge_engine_items_maximum", stable));
        Assert.Equal(123, read.Value("edge_engine_memory_bytes", ("version", "2"), ("kind", "candidate")));
        Assert.Equal(1, read.Value("edge_engine_unbatched", ("version", "2"), ("reason", "No \"n\".")));
        Assert.DoesNotContain(read.Samples, s => s.Name == "edge_engine_unbatched" && s.Labels["version"] == "1");
    }

    [Fact]
    public void Scrape_OfManyVersions_StaysBounded()
    {
        var book = new StatisticsBook();
        for (int i = 0; i < 200; i++)
        {
            VersionStatistics version = book.Of("add", $"{i}");
            foreach (RouteKind kind in Enum.GetValues<RouteKind>()) version.CountServed(kind, default);
            book.Keep([version]);
        }

        Assert.InRange(Written(book.All).Samples.Count, 1, 17 * 4 * 200);
    }

    private static Exposition Written(IReadOnlyCollection<VersionStatistics> versions)
    {
        var text = new ExpositionText();
        new VersionMetrics(text, versions, LabelsOf).Write();
        return Exposition.Read(text.ToString());
    }

    private static string LabelsOf(string model, string version) =>
        ExpositionText.Labels(("model", model), ("version", version));

    private static VersionStatistics Served(string model)
    {
        var statistics = new VersionStatistics(model, "1");
        statistics.CountServed(RouteKind.Stable, default);
        return statistics;
    }

    private static ServingVersion Serving(string version, IEngineGauges? gauges, BatchPlan plan) => new()
    {
        Model = version == "1" && gauges is null ? "old" : "add",
        Version = version,
        Engine = new LoadedEngine(null!, "d", 123, TimeSpan.Zero) { Gauges = gauges },
        Plan = plan,
        Statistics = new VersionStatistics("add", version),
    };

    private sealed record Gauges(int QueueDepth, int Lanes, int Threads) : IEngineGauges;
}
