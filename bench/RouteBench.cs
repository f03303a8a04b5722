using System.Collections.Frozen;
using System.Diagnostics;
using System.Globalization;
using Pipeline.Bench.Reporting;
using Pipeline.Edge.Loading;
using Pipeline.Edge.Measuring;
using Pipeline.Edge.Routing;
using Pipeline.Engines.Benchmarks;

namespace Pipeline.Bench;

/// <summary>The edge's choice of who answers: its time, its memory, and how near the split comes to its weight.</summary>
internal static class RouteBench
{
    private const int Rounds = 11;
    private const int Users = 1_000_000;
    private const int Candidates = 5;
    private static readonly int[] WeightPercents = [1, 5, 10, 25, 50, 75, 90, 99];

    public static Task<BenchResult> RunAsync(BenchSettings settings, CancellationToken cancellationToken)
    {
        int decisions = settings.Quick ? 1_000_000 : 10_000_000;
        settings.Say("route: decisions");
        var half = new ModelRoute("ocr-cls", Version("1"), Version("2"), 5_000);
        var alone = new ModelRoute("ocr-cls", Version("1"), null, 0);
        DecisionTime[] times =
        [
            Measure("a user, at 50 %", half, RouteTag.None, named: true, decisions),
            Measure("no user, at 50 %", half, RouteTag.None, named: false, decisions),
            Measure("a version by its name", half, new RouteTag(null, "2"), named: true, decisions),
            Measure("no candidate", alone, RouteTag.None, named: true, decisions),
        ];
        settings.Say($"route: the split of {Users} users between {Candidates} candidates, one after another");
        SplitError[] splits = Split(cancellationToken, out long strayed);
        double worst = splits.Max(s => s.WorstPoints);
        return Task.FromResult(new BenchResult
        {
            Name = "route",
            What = $"{Rounds} rounds of {decisions} decisions (model looked up, version chosen) for user ids of 36 characters",
            Tables =
            [
                new BenchTable("one decision", [.. times.Select(t => t.Row())]),
                new BenchTable($"{Users} users, {Candidates} candidates", [.. splits.Select(s => s.Row())]),
            ],
            Goals =
            [
                new BenchGoal("a user's decision under 50 ns", times[0].Median, times[0].Median < 50),
                new BenchGoal("0 bytes a decision", times.Max(t => t.Bytes), times.All(t => t.Bytes == 0)),
                new BenchGoal("split error under 0.2 points", worst, worst < 0.2),
                new BenchGoal("users who left a candidate as its weight rose", strayed, strayed == 0),
            ],
        });
    }

    private static DecisionTime Measure(string what, ModelRoute route, RouteTag tag, bool named, int decisions)
    {
        var models = new Dictionary<string, ModelRoute> { [route.Model] = route };
        for (int i = 0; i < 20; i++) models[$"model-{i}"] = route;
        FrozenDictionary<string, ModelRoute> table = models.ToFrozenDictionary(StringComparer.Ordinal);
        // As a request brings it: equal to the table's own text, and not the same object.
        string model = new([.. route.Model]);
        var random = new Random(1);
        string[] users = [.. Enumerable.Range(0, 4096).Select(_ => named ? NextUser(random).ToString() : "")];

        // The first rounds are for the compiler, which optimizes what has run long enough.
        for (int i = 0; i < 5; i++) Decide(table, model, users, tag, decisions / 5);
        var nanoseconds = new double[Rounds];
        long bytes = 0;
        for (int round = 0; round < Rounds; round++)
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            Decide(table, model, users, tag, decisions);
            nanoseconds[round] = Stopwatch.GetElapsedTime(start).TotalNanoseconds / decisions;
            bytes += GC.GetAllocatedBytesForCurrentThread() - allocated;
        }

        Array.Sort(nanoseconds);
        return new DecisionTime(
            what, nanoseconds[0], Percentiles.Median(nanoseconds), nanoseconds[^1], (double)bytes / Rounds / decisions);
    }

    private static int Decide(
        FrozenDictionary<string, ModelRoute> table, string model, string[] users, RouteTag tag, int decisions)
    {
        int candidates = 0;
        for (int i = 0; i < decisions; i++)
        {
            if (!table.TryGetValue(model, out ModelRoute? route)) continue;
            candidates += (int)route.Choose(users[i & 4095], tag, (ulong)i).Kind;
        }

        return candidates;
    }

    private static SplitError[] Split(CancellationToken cancellationToken, out long strayed)
    {
        strayed = 0;
        var counts = new int[Candidates, WeightPercents.Length];
        Span<char> user = stackalloc char[36];
        for (int candidate = 0; candidate < Candidates; candidate++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ServingVersion version = Version(string.Create(CultureInfo.InvariantCulture, $"{candidate + 2}"));
            ModelRoute[] routes =
                [.. WeightPercents.Select(w => new ModelRoute("ocr-cls", Version("1"), version, w * 100))];
            var random = new Random(1);
            for (int i = 0; i < Users; i++)
            {
                NextUser(random).TryFormat(user, out _);
                bool before = false;
                for (int w = 0; w < routes.Length; w++)
                {
                    bool takes = routes[w].Choose(user, RouteTag.None, 0).Kind == RouteKind.Candidate;
                    if (takes) counts[candidate, w]++;
                    if (before && !takes) strayed++;
                    before = takes;
                }
            }
        }

        return [.. WeightPercents.Select((weight, w) =>
        {
            double[] shares = [.. Enumerable.Range(0, Candidates).Select(c => counts[c, w] * 100.0 / Users)];
            return new SplitError(weight, shares.Min(), shares.Max());
        })];
    }

    private static Guid NextUser(Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }

    private static ServingVersion Version(string version) => new()
    {
        Model = "ocr-cls",
        Version = version,
        // The choice looks into neither.
        Engine = new LoadedEngine(null!, "", 0, TimeSpan.Zero),
        Plan = null!,
        Statistics = new VersionStatistics("ocr-cls", version),
    };

    private sealed record DecisionTime(string What, double Minimum, double Median, double Maximum, double Bytes)
    {
        public OrderedDictionary<string, object> Row() => new()
        {
            ["decision"] = What,
            ["medianNanoseconds"] = Median,
            ["minimumNanoseconds"] = Minimum,
            ["maximumNanoseconds"] = Maximum,
            ["bytes"] = Bytes,
        };
    }

    private sealed record SplitError(int WeightPercent, double LowestPercent, double HighestPercent)
    {
        public double WorstPoints => Math.Max(HighestPercent - WeightPercent, WeightPercent - LowestPercent);

        public OrderedDictionary<string, object> Row() => new()
        {
            ["weightPercent"] = WeightPercent,
            ["lowestSharePercent"] = LowestPercent,
            ["highestSharePercent"] = HighestPercent,
            ["worstErrorPoints"] = WorstPoints,
        };
    }
}
