using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Bench.Promoting;
using Pipeline.Bench.Reporting;
using Pipeline.Engines.Benchmarks;
using Pipeline.Local.Environments;

namespace Pipeline.Bench;

/// <summary>
/// The whole pipeline, each part a process of its own: from the upload of a version to the edge's first answer with it, less
/// the engine's build and benchmark; then the same bytes under other versions.
/// </summary>
internal static class PromotionsBench
{
    private const double GoalSeconds = 2;

    private const string Policy = """
        {
          "profiles": [
            {
              "name": "lines",
              "inputs": { "x": { "min": [1, 3, 48, 192], "typical": [1, 3, 48, 192], "max": [8, 3, 48, 192] } }
            }
          ],
          "gates": {
            "accuracy": { "cosine": 0.99, "seededSamples": 3 },
            "benchmark": { "warmUp": "100ms", "duration": "500ms", "regression": null }
          },
          "approval": "none",
          "rollout": { "steps": [] }
        }
        """;

    public static async Task<BenchResult> RunAsync(BenchSettings settings, CancellationToken cancellationToken)
    {
        int promotions = settings.Quick ? 4 : ModelVariants.Maximum;
        int copies = settings.Quick ? 2 : 5;
        byte[][] variants = await ModelVariants.CreateAsync(promotions, cancellationToken);
        string data = Directory.CreateTempSubdirectory("pipeline-bench-").FullName;
        var first = new List<PromotionTimes>();
        var again = new List<PromotionTimes>();
        int newEngines;
        settings.Say($"promotions: everything starts; the logs are in '{data}'");
        await using (LocalEnvironment environment = await LocalEnvironment.StartAsync(
            new LocalEnvironmentOptions { DataDirectory = data }, settings.Say, cancellationToken))
        {
            await using var probe = new PromotionProbe(environment.Description);
            await probe.UploadPolicyAsync(Policy, cancellationToken);
            for (int i = 0; i < promotions; i++)
            {
                first.Add(await probe.PromoteAsync(Text(i + 1), variants[i], cancellationToken));
                Tell($"{i + 1} of {promotions}", first[^1]);
            }

            int engines = await probe.CountEnginesAsync(cancellationToken);
            for (int i = 0; i < copies; i++)
            {
                // The first copy is of the version that serves now: its label moves. The others change the engine.
                byte[] model = variants[i == 0 ? ^1 : i];
                again.Add(await probe.PromoteAsync(Text(promotions + i + 1), model, cancellationToken));
                Tell($"same bytes again, {i + 1} of {copies}", again[^1]);
            }

            newEngines = await probe.CountEnginesAsync(cancellationToken) - engines;
        }

        Directory.Delete(data, recursive: true);
        int builds = Math.Max(newEngines, again.Count(t => !t.Reused));
        return Report(first, again, builds);

        void Tell(string which, PromotionTimes times) => settings.Say(string.Create(CultureInfo.InvariantCulture,
            $"promotions: {which}: {times.Total:0.00} s, {times.Overhead:0.00} s without build and benchmark"));
    }

    private static BenchResult Report(List<PromotionTimes> first, List<PromotionTimes> again, int builds)
    {
        double median = Percentiles.Median(Sorted(first, t => t.Overhead));
        double medianAgain = Percentiles.Median(Sorted(again, t => t.Overhead));
        return new BenchResult
        {
            Name = "promotions",
            What = $"{first.Count} promotions of different weights one after another, then {again.Count} of bytes that were " +
                "promoted before; from the upload of model.onnx to the edge's first answer",
            Tables =
            [
                new BenchTable("upload to answer, other weights", Rows(first)),
                new BenchTable("upload to answer, the same bytes under another version", Rows(again)),
            ],
            Goals =
            [
                new BenchGoal("median without build and benchmark at most 2 s", median, median <= GoalSeconds),
                new BenchGoal("same bytes: 0 builds", builds, builds == 0),
                new BenchGoal("same bytes: median without benchmark at most 2 s", medianAgain, medianAgain <= GoalSeconds),
            ],
        };
    }

    private static ImmutableArray<OrderedDictionary<string, object>> Rows(List<PromotionTimes> all) =>
    [
        Row("whole", Sorted(all, t => t.Total)),
        Row("without build and benchmark", Sorted(all, t => t.Overhead)),
        .. all.SelectMany(t => t.Stages.Select(s => s.Stage)).Distinct()
            .Select(stage => Row($"- {stage}", Sorted(all, t => t.SecondsOf(stage)))),
    ];

    private static OrderedDictionary<string, object> Row(string stage, double[] sorted) => new()
    {
        ["stage"] = stage,
        ["medianSeconds"] = Percentiles.Median(sorted),
        ["p90Seconds"] = Percentiles.Of(sorted, 90),
        ["maximumSeconds"] = sorted[^1],
    };

    private static double[] Sorted(List<PromotionTimes> all, Func<PromotionTimes, double> select) =>
        [.. all.Select(select).Order()];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
