using System.Collections.Immutable;
using Pipeline.Core.Naming;
using Pipeline.Engines.Simulation;

namespace Pipeline.Local.Environments;

/// <summary>The GPU targets that an environment simulates, as a person writes them: <c>sm_75,sm_90-h200</c>.</summary>
internal static class SimulatedTargets
{
    /// <summary>Each has two processes.</summary>
    public const int Maximum = 8;

    /// <summary>Reads lists; what is wrong with them is one sentence, without an end.</summary>
    public static ImmutableArray<string> Read(IEnumerable<string> lists, out string? fault)
    {
        ImmutableArray<string> targets = [.. lists.SelectMany(list => list.Split(','))];
        fault = targets.FirstOrDefault(t => !SimulatedRuntime.CanBe(t)) is { } wrong
            ? $"names '{wrong}'; write GPU targets such as 'sm_75' or 'sm_90-h200', separated by commas"
            : targets.GroupBy(t => t).FirstOrDefault(g => g.Count() > 1) is { } twice ? $"names '{twice.Key}' twice"
            : targets.Length > Maximum ? $"names {targets.Length} targets; at most {Maximum} can be simulated"
            : null;
        return fault is null ? targets : [];
    }

    public static Lane LaneOf(string target) => new(target, SimulatedRuntime.Name);
}
