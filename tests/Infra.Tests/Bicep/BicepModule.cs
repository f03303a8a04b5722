using System.Text.Json;

namespace Pipeline.Infra.Tests.Bicep;

/// <summary>A module in a deployment, or one turn of its loop; without a run it is left out by its condition.</summary>
internal sealed class BicepModule(BicepStatement statement, BicepRun? run)
{
    public BicepRun? Run { get; } = run;

    public Dictionary<string, object?> Outputs(JsonElement node, BicepScope scope) => Run is not null
        ? Run.Outputs
        : throw BicepEvaluator.Fault(node, scope, $"the module '{statement.Name}' is left out here, so it has no outputs.");
}
