using System.Collections.Immutable;
using System.Text.Json;
using Pipeline.Core.Naming;

namespace Pipeline.Core.Policies;

/// <summary>The part <c>quorum</c> of a policy file: "all", a number, a set of targets or a share of the fleet.</summary>
internal static class PolicyQuorum
{
    private const string Wanted =
        "it must be \"all\", a whole number, {\"targets\": [...]} or {\"fleetShare\": 0.8}.";

    /// <param name="lanes">The lanes to build for; null when they could not be read.</param>
    public static PromotionPolicy Read(
        PolicyObject root, PromotionPolicy policy, ImmutableArray<Lane>? lanes, PolicyErrors errors)
    {
        if (!root.Has("quorum")) return policy;
        if (root.IsObject("quorum")) return ReadForm(root, policy, lanes, errors);
        if (root.IsText("quorum") || root.IsNull("quorum"))
        {
            if (root.IsNull("quorum") || root.Text("quorum") != "all") root.Add("quorum", Wanted);
            return policy;
        }

        int? quorum = root.Integer("quorum", 1, PolicyReader.LanesMaximum);
        if (quorum > lanes?.Length)
        {
            root.Add("quorum", $"{quorum} is above the number of lanes to build for, {lanes.Value.Length}; use \"all\".");
        }

        return policy with { Quorum = quorum };
    }

    private static PromotionPolicy ReadForm(
        PolicyObject root, PromotionPolicy policy, ImmutableArray<Lane>? lanes, PolicyErrors errors)
    {
        if (root.Object("quorum", "targets", "fleetShare") is not { } part) return policy;
        if (part.Has("targets") == part.Has("fleetShare"))
        {
            root.Add("quorum", Wanted);
            return policy;
        }

        if (part.Has("fleetShare")) return policy with { QuorumFleetShare = part.Number("fleetShare", 0.01, 1) };
        var targets = ImmutableArray.CreateBuilder<string>();
        foreach ((JsonElement element, string path) in part.Array("targets", PolicyReader.LanesMaximum) ?? [])
        {
            string target = element.ValueKind == JsonValueKind.String ? element.GetString()! : "";
            if (element.ValueKind != JsonValueKind.String) errors.WrongType(path, "a text", element);
            else if (targets.Contains(target)) errors.Add(path, $"'{target}' is there twice; keep one.");
            else if (lanes?.Any(l => l.Target == target) == false)
                errors.Add(path, $"this policy does not build for '{PolicyErrors.Short(target)}'.");
            else targets.Add(target);
        }

        if (part.IsEmptyArray("targets")) part.Add("targets", "it is empty; use \"all\".");
        return policy with { QuorumTargets = targets.ToImmutable() };
    }
}
