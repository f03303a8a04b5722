using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.Functions.Management;

/// <summary>Takes the candidate of a model back; stable stays.</summary>
public sealed class Withdraw(RouteCommands commands)
{
    [Function("Withdraw")]
    public Task<IActionResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "models/{model}/withdraw")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) =>
        commands.RunAsync(request, model, commands.Withdraw, cancellationToken);
}
