using System.Collections.Immutable;
using System.Text.Json;

namespace Pipeline.Core.Policies;

/// <summary>The part <c>rollout</c> of a policy file.</summary>
internal static class PolicyRollout
{
    private const int StepsMaximum = 20;
    private const int SamplesMaximum = 1_000_000_000;

    public static RolloutPolicy Read(PolicyObject root, RolloutPolicy absent, PolicyErrors errors)
    {
        PolicyObject? part = root.Object("rollout", "steps", "errorShareIncrease", "p99Ratio", "maximumWait", "afterMaximumWait",
            "shadow");
        if (part is null) return absent;
        ShadowPolicy? shadow = ReadShadow(part) ?? absent.Shadow;
        return new RolloutPolicy
        {
            Shadow = shadow,
            AfterMaximumWait = ReadStarved(part) ?? absent.AfterMaximumWait,
            Steps = part.Array("steps", StepsMaximum) is { } steps
                ? ReadSteps(steps, smallest: part.Has("shadow") ? 0 : 0.01, errors)
                : absent.Steps,
            ErrorShareIncreaseMaximum = part.Number("errorShareIncrease", 0, 1) ?? absent.ErrorShareIncreaseMaximum,
            P99RatioMaximum = part.Limit("p99Ratio", 1, 1000, absent.P99RatioMaximum),
            MaximumWait = part.Duration("maximumWait", TimeSpan.FromSeconds(1), TimeSpan.FromDays(90)) ?? absent.MaximumWait,
        };
    }

    private static ImmutableArray<RolloutStep> ReadSteps(
        List<(JsonElement Element, string Path)> items, double smallest, PolicyErrors errors)
    {
        var steps = ImmutableArray.CreateBuilder<RolloutStep>();
        double last = -1;
        foreach ((JsonElement element, string path) in items)
        {
            PolicyObject? part = PolicyObject.Open(element, path, errors, ["percent", "bake", "samples"]);
            if (part is null) continue;
            part.Require("percent", "bake", "samples");
            if (part.Number("percent", smallest, 99.99) is { } percent)
            {
                if (decimal.Round((decimal)percent, 2) != (decimal)percent)
                {
                    part.Add("percent", $"{percent} has more than two decimals.");
                }
                else if (percent <= last)
                {
                    part.Add("percent", $"{percent} is not above the step before it, {last}; weights must rise.");
                }

                last = percent;
            }

            steps.Add(new RolloutStep
            {
                WeightPercent = last,
                BakeTime = part.Duration("bake", TimeSpan.Zero, TimeSpan.FromDays(30)) ?? TimeSpan.Zero,
                MinimumSamples = part.Integer("samples", 0, SamplesMaximum) ?? 0,
            });
        }

        return steps.ToImmutable();
    }

    private static StarvedAction? ReadStarved(PolicyObject rollout)
    {
        switch (rollout.Text("afterMaximumWait"))
        {
            case null: return null;
            case "hold": return StarvedAction.Hold;
            case "promote": return StarvedAction.Promote;
            case "withdraw": return StarvedAction.Withdraw;
            default:
                rollout.Add("afterMaximumWait", "it must be \"hold\", \"promote\" or \"withdraw\".");
                return null;
        }
    }

    private static ShadowPolicy? ReadShadow(PolicyObject rollout)
    {
        PolicyObject? part = rollout.Object("shadow", "percent", "cosine", "absoluteError", "top1", "divergedShare");
        if (part is null) return null;
        part.Require("percent");
        var absent = new ShadowPolicy { SharePercent = part.Number("percent", 0.01, 100) ?? 0.01 };
        return absent with
        {
            CosineMinimum = part.Number("cosine", -1, 1) ?? absent.CosineMinimum,
            AbsoluteErrorMaximum = part.Limit("absoluteError", 0, 1e12, absent.AbsoluteErrorMaximum),
            Top1 = part.Flag("top1") ?? absent.Top1,
            DivergedShareMaximum = part.Number("divergedShare", 0, 1) ?? absent.DivergedShareMaximum,
        };
    }
}
