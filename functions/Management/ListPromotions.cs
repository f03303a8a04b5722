using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Cloud.Promotions;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;

namespace Pipeline.Functions.Management;

/// <summary>Promotions, newest first: all, or of one model.</summary>
public sealed class ListPromotions(PromotionStore promotions, Caller caller)
{
    [Function(nameof(ListPromotions))]
    public async Task<IActionResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "promotions")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        if (caller.Refusal(request, Permission.Read) is { } refusal) return refusal;
        string model = request.Query["model"].ToString();
        if (model.Length > 0 && !Names.IsModel(model)) return Answer.BadRequest($"A model is {Names.ModelRule}.");
        var listed = await promotions.ListAsync(model.Length > 0 ? model : null, cancellationToken);
        return Answer.Of(new PromotionList { Promotions = [.. listed.Select(p => p.Value)] });
    }
}
