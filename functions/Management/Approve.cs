using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.Functions.Management;

/// <summary>Lets the traffic of a held version move.</summary>
public sealed class Approve(VersionCommands commands)
{
    [Function("Approve")]
    public Task<IActionResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "models/{model}/versions/{version}/approve")] HttpRequest request,
        string model,
        string version,
        CancellationToken cancellationToken) =>
        commands.RunAsync(request, model, version, commands.ApproveAsync, cancellationToken);
}
