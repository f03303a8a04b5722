namespace Pipeline.Stories.Tests;

/// <summary>Policies that let a story run in seconds.</summary>
internal static class Policies
{
    private const string Profile =
        """ "profiles": [ { "name": "row", "inputs": { "x": { "min": [1,4], "typical": [1,4], "max": [1,4] } } } ] """;

    /// <summary>Straight to all traffic.</summary>
    public static string AtOnce { get; } = With(""" "rollout": { "steps": [] } """);

    /// <summary>One step at the percent, with the bake time and samples.</summary>
    public static string Canary(int percent, string bake, int samples) =>
        With($$""" "rollout": { "steps": [ { "percent": {{percent}}, "bake": "{{bake}}", "samples": {{samples}} } ], "p99Ratio": null } """);

    public static string With(string more, string approval = "none", string benchmark = "100ms") =>
        $$"""
        {
          "schema": 1,
          {{Profile}},
          "gates": {
            "benchmark": {
              "warmUp": "1ms", "duration": "{{benchmark}}",
              "regression": { "p50": 9, "p99": null, "throughput": null, "timeLimit": "5s" }
            }
          },
          "approval": "{{approval}}",
          {{more}}
        }
        """;
}
