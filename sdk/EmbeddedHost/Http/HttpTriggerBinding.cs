using System.Collections.Immutable;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Microsoft.Azure.Functions.Worker.EmbeddedHost.Http;

/// <summary>A route, its methods (none: all) and who may call it.</summary>
internal sealed record HttpTriggerBinding(
    RoutePattern Route, ImmutableArray<string> Methods, AuthorizationLevel Level) : TriggerBinding
{
    public string Path => "/" + Route.RawText;

    public override string Description => $"[{(Methods.IsEmpty ? "ANY" : string.Join(',', Methods))}] {Path}";

    public override string TriggerTypes => "HttpRequest";

    public static HttpTriggerBinding Create(HttpTriggerAttribute trigger, string functionName, HostSettings settings)
    {
        string template = $"{settings.RoutePrefix}/{trigger.Route ?? functionName}".TrimStart('/');
        try
        {
            return new HttpTriggerBinding(
                RoutePatternFactory.Parse(template),
                [.. (trigger.Methods ?? []).Select(method => method.ToUpperInvariant())],
                trigger.AuthLevel);
        }
        catch (RoutePatternException e)
        {
            throw new FunctionWorkerException($"has the route '{template}', which can't be read: {e.Message}", e);
        }
    }

    /// <summary>A line for each pair of functions that the same request would call.</summary>
    public static IEnumerable<string> FindAmbiguous(IReadOnlyList<FunctionDescriptor> functions)
    {
        var seen = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (FunctionDescriptor function in functions)
        {
            if (function.Trigger is not HttpTriggerBinding http) continue;
            string shape = string.Join(
                '/', http.Route.PathSegments.Select(segment => string.Concat(segment.Parts.Select(ShapeOf))));
            foreach (string method in http.Methods.IsEmpty ? ["ANY"] : http.Methods.Distinct())
            {
                if (!seen.TryAdd($"{method} {shape}", function.Name))
                    yield return $"Function '{function.Name}' answers {method} {http.Path}, as "
                        + $"'{seen[$"{method} {shape}"]}' does: change one route or method.";
            }
        }
    }

    public override ParameterBinder? BindTrigger(Type type) =>
        type == typeof(HttpRequest) ? static context => ((HttpContext)context.Payload).Request : null;

    // An int must say so in the route, so that a request without one is no match (404), here as in Azure.
    public override ParameterBinder? BindOther(ParameterInfo parameter)
    {
        RoutePatternParameterPart? part = Route.GetParameter(parameter.Name!);
        if (part is null) return null;
        if (parameter.ParameterType == typeof(string)) return context => ValueOf(context, part.Name);
        if (parameter.ParameterType != typeof(int)) return null;
        return !part.IsOptional && part.ParameterPolicies.Any(policy => policy.Content == "int")
            ? context => int.Parse(ValueOf(context, part.Name)!, System.Globalization.CultureInfo.InvariantCulture)
            : throw new FunctionWorkerException(
                $"takes '{part.Name}' as Int32: write {{{part.Name}:int}} in its route '{Route.RawText}'");
    }

    public override string? RefuseResult(Type result, ServiceBusOutputAttribute? output) =>
        output is not null
            ? "has an HTTP trigger and [ServiceBusOutput]: send with a ServiceBusSender, return the answer"
            : typeof(IActionResult).IsAssignableFrom(result) || typeof(IResult).IsAssignableFrom(result)
                ? null
                : $"answers with {result.Name}, which the official host does not send: return IActionResult or IResult";

    // Parameters match whatever their name; a constraint makes a route another one.
    private static string ShapeOf(RoutePatternPart part) => part switch
    {
        RoutePatternParameterPart parameter =>
            $"{{{string.Join(':', parameter.ParameterPolicies.Select(policy => policy.Content))}}}",
        RoutePatternLiteralPart literal => literal.Content,
        _ => ".",
    };

    private static string? ValueOf(EmbeddedFunctionContext context, string name) =>
        ((HttpContext)context.Payload).Request.RouteValues[name]?.ToString();
}
