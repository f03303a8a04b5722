using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Cloud.Promotions;
using Pipeline.Core.Builds;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Functions.Promotions;

namespace Pipeline.Functions.Management;

/// <summary>Everything about one version.</summary>
public sealed class GetVersion(PromotionReader reader, LaneStore lanes, Caller caller)
{
    [Function(nameof(GetVersion))]
    public async Task<IActionResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "models/{model}/versions/{version}")] HttpRequest request,
        string model,
        string version,
        CancellationToken cancellationToken)
    {
        if (caller.Refusal(request, Permission.Read) is { } refusal) return refusal;
        if (!ModelVersion.TryCreate(model, version, out ModelVersion id))
            return Answer.BadRequest($"A model is {Names.ModelRule}; a version {Names.VersionRule}.");
        PromotionFacts? facts = await reader.ReadAsync(id, cancellationToken);
        if (facts is null) return Answer.NotFound($"No version '{id}' was uploaded.");
        ImmutableSortedDictionary<Lane, LaneProgress> progress = await lanes.ListProgressAsync(id, cancellationToken);
        return Answer.Of(new PromotionView
        {
            Promotion = facts.Promotion,
            Lanes =
            [
                .. facts.Lanes.Select(l => new LaneView
                {
                    Record = l,
                    State = facts.StateOf(l),
                    Progress = progress.GetValueOrDefault(l.Lane),
                }),
            ],
            Routes = [.. facts.Routes.Values],
        });
    }
}
