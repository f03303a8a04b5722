using System.Text.Json;

namespace Pipeline.Core.Policies;

/// <summary>The part <c>batching</c> of a policy file.</summary>
internal static class PolicyBatching
{
    private const int ItemsMaximum = 4096;
    private const int PaddingMaximum = 64;

    public static BatchingPolicy? Read(PolicyObject root, PolicyErrors errors)
    {
        PolicyObject? part = root.Object("batching", "maximum", "wait", "padding");
        if (part is null) return null;
        var absent = new BatchingPolicy();
        return new BatchingPolicy
        {
            ItemsMaximum = part.Integer("maximum", 1, ItemsMaximum),
            Wait = part.Duration("wait", TimeSpan.Zero, TimeSpan.FromSeconds(1)) ?? absent.Wait,
            Padding = [.. ReadPadding(part, errors)],
        };
    }

    private static IEnumerable<PaddedAxis> ReadPadding(PolicyObject batching, PolicyErrors errors)
    {
        var seen = new HashSet<(string, int)>();
        foreach ((JsonElement element, string path) in batching.Array("padding", PaddingMaximum) ?? [])
        {
            PolicyObject? part = PolicyObject.Open(element, path, errors, ["input", "axis", "multiple", "value"]);
            if (part is null) continue;
            part.Require("input", "axis", "multiple");
            var padded = new PaddedAxis
            {
                Input = part.Text("input") ?? "",
                Axis = part.Integer("axis", 1, 7) ?? 1,
                Multiple = part.Integer("multiple", 2, 1_000_000) ?? 2,
                Value = part.Number("value", -1e12, 1e12) ?? 0,
            };
            if (!seen.Add((padded.Input, padded.Axis))) part.Add("axis", $"axis {padded.Axis} of that input is there twice.");
            yield return padded;
        }
    }
}
