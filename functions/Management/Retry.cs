using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.Functions.Management;

/// <summary>Builds the lanes again that have no gated engine.</summary>
public sealed class Retry(VersionCommands commands)
{
    [Function("Retry")]
    public Task<IActionResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "models/{model}/versions/{version}/retry")] HttpRequest request,
        string model,
        string version,
        CancellationToken cancellationToken) =>
        commands.RunAsync(request, model, version, commands.RetryAsync, cancellationToken);
}
