using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Unicode;
using Pipeline.Core.Naming;

namespace Pipeline.Core.Policies;

/// <summary>
/// Reads promotion.json. Strict, since a field that is misspelled and ignored would move traffic on limits that nobody set;
/// and complete, so that a person sees every error at once.
/// </summary>
public static class PolicyReader
{
    private const int DepthMaximum = 16;
    internal const int LanesMaximum = 64;

    /// <param name="json">The file's bytes.</param>
    /// <param name="deployedLanes">What there is to build on.</param>
    public static PolicyReading Read(ReadOnlySpan<byte> json, IReadOnlyCollection<Lane> deployedLanes)
    {
        var errors = new PolicyErrors();
        if (json.StartsWith("\uFEFF"u8)) json = json[3..];
        if (Unreadable(json) is { } fault)
        {
            errors.Add("$", fault);
            return new PolicyReading { Policy = null, Errors = errors.ToSentences() };
        }

        PromotionPolicy policy = Read(JsonElement.Parse(json), deployedLanes, errors);
        return new PolicyReading { Policy = errors.Count == 0 ? policy : null, Errors = errors.ToSentences() };
    }

    private static PromotionPolicy Read(JsonElement json, IReadOnlyCollection<Lane> deployed, PolicyErrors errors)
    {
        // Who writes a policy decides about approval by it: silence means that the gates are enough.
        var policy = new PromotionPolicy { ApprovalRequired = false };
        PolicyObject? root = PolicyObject.Open(
            json, "$", errors,
            ["schema", "lanes", "targets", "precision", "profiles", "gates", "quorum", "approval", "rollout", "batching",
                "buildDeadline", "holdDeadline"]);
        if (root is null) return policy;

        root.Integer("schema", PromotionPolicy.CurrentSchema, PromotionPolicy.CurrentSchema);
        if (root.Text("precision") is { } precision && precision != policy.Precision)
        {
            root.Add("precision", $"precision '{PolicyErrors.Short(precision)}' is not implemented yet; use 'model'.");
        }

        int before = errors.Count;
        policy = policy with
        {
            Lanes = Names(root, "lanes", [.. deployed.Select(l => l.ToString()).Order(StringComparer.Ordinal)], errors)
                .Select(Lane.Parse).ToImmutableArray(),
            Targets = Names(root, "targets", [.. deployed.Select(l => l.Target).Distinct().Order(StringComparer.Ordinal)], errors),
        };
        bool lanesRead = errors.Count == before;
        PolicyObject? gates = root.Object("gates", "accuracy", "benchmark");
        policy = PolicyQuorum.Read(root, policy, lanesRead ? PolicyLanes.Choose(policy, deployed) : null, errors);
        return policy with
        {
            Profiles = PolicyProfiles.Read(root, errors),
            Batching = PolicyBatching.Read(root, errors),
            Accuracy = PolicyGates.ReadAccuracy(gates, policy.Accuracy),
            Benchmark = PolicyGates.ReadBenchmark(gates, policy.Benchmark),
            ApprovalRequired = Approval(root),
            Rollout = PolicyRollout.Read(root, policy.Rollout, errors),
            BuildDeadline = root.Duration("buildDeadline", TimeSpan.FromSeconds(1), TimeSpan.FromDays(7))
                ?? policy.BuildDeadline,
            HoldDeadline = root.Duration("holdDeadline", TimeSpan.FromSeconds(1), TimeSpan.FromDays(90))
                ?? policy.HoldDeadline,
        };
    }

    // Reads every token once, so that all later steps meet well-formed text of bounded depth only.
    private static string? Unreadable(ReadOnlySpan<byte> json)
    {
        if (json.Length > PromotionPolicy.SizeBytesMaximum)
        {
            return $"the file has {json.Length} bytes; at most {PromotionPolicy.SizeBytesMaximum} are read.";
        }

        if (!Utf8.IsValid(json)) return "the file is not UTF-8 text.";
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = PromotionPolicy.SizeBytesMaximum });
            while (reader.Read())
            {
                if (reader.CurrentDepth > DepthMaximum) return $"it is nested deeper than {DepthMaximum} levels.";
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName) reader.GetString();
            }

            return null;
        }
        catch (JsonException e)
        {
            return $"it is not JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.";
        }
        catch (InvalidOperationException)
        {
            return "it holds a text that is not valid Unicode.";
        }
    }

    private static ImmutableArray<string> Names(PolicyObject root, string name, string[] deployed, PolicyErrors errors)
    {
        List<(JsonElement Element, string Path)> items = root.Array(name, LanesMaximum) ?? [];
        if (root.IsEmptyArray(name))
        {
            root.Add(name, "it is empty; leave it out to build for every deployed lane.");
        }

        var names = new List<string>();
        foreach ((JsonElement element, string path) in items)
        {
            string text = element.ValueKind == JsonValueKind.String ? element.GetString()! : "";
            if (element.ValueKind != JsonValueKind.String) errors.WrongType(path, "a text", element);
            else if (names.Contains(text)) errors.Add(path, $"'{text}' is there twice; keep one.");
            else if (deployed.Contains(text)) names.Add(text);
            else errors.Add(path, $"'{PolicyErrors.Short(text)}' is not deployed; {Deployed(deployed)}.");
        }

        return [.. names];
    }

    private static string Deployed(string[] deployed) => deployed.Length == 0
        ? "no lane is"
        : Sentence.Bound($"what is: {string.Join(", ", deployed)}", 500);

    private static bool Approval(PolicyObject root)
    {
        string? text = root.Text("approval");
        if (text is not (null or "required" or "none")) root.Add("approval", "it must be \"required\" or \"none\".");
        return text == "required";
    }
}
