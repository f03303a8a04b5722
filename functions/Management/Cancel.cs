using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.Functions.Management;

/// <summary>Ends a version that is not out yet.</summary>
public sealed class Cancel(VersionCommands commands)
{
    [Function("Cancel")]
    public Task<IActionResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "models/{model}/versions/{version}/cancel")] HttpRequest request,
        string model,
        string version,
        CancellationToken cancellationToken) =>
        commands.RunAsync(request, model, version, commands.CancelAsync, cancellationToken);
}
