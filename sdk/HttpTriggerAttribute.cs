using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Calls the function for HTTP requests. Pass a level always: with methods alone it is anonymous.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
#pragma warning disable CA1019 // The official attribute keeps the accessors as they are.
public sealed class HttpTriggerAttribute : TriggerBindingAttribute
#pragma warning restore CA1019
{
    public HttpTriggerAttribute() => AuthLevel = AuthorizationLevel.Function;

    public HttpTriggerAttribute(params string[] methods) => Methods = methods;

    public HttpTriggerAttribute(AuthorizationLevel authLevel) => AuthLevel = authLevel;

    public HttpTriggerAttribute(AuthorizationLevel authLevel, params string[] methods) =>
        (AuthLevel, Methods) = (authLevel, methods);

    /// <summary>The route template below the prefix of host.json; default: the function's name.</summary>
    public string? Route { get; set; }

    /// <summary>The HTTP methods that are answered; default: all.</summary>
    public string[]? Methods { get; }

    public AuthorizationLevel AuthLevel { get; }
}
