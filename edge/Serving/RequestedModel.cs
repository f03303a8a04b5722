using Pipeline.Core.Naming;
using Pipeline.Edge.Protocol;
using Pipeline.Edge.Routing;

namespace Pipeline.Edge.Serving;

/// <summary>What a request's address and headers ask for.</summary>
internal static class RequestedModel
{
    public const string UserHeader = "x-user-id";
    public const string TagHeader = "x-route-tag";

    public static string Name(HttpContext http) => (string)http.Request.RouteValues["model"]!;

    /// <exception cref="ProtocolException">404: no route names the model.</exception>
    public static ModelRoute Find(RouteTable table, ReadOnlySpan<char> model)
    {
        if (table.Models.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(model, out ModelRoute? route)) return route;
        throw table.Revisions.Count == 0
            ? ProtocolException.Unavailable("This edge has no routes yet.")
            : ProtocolException.NotFound($"There is no model {ProtocolException.Quote(model.ToString())} here.");
    }

    /// <summary>Chooses the version that answers: by name when the request names one, else by the split.</summary>
    /// <exception cref="ProtocolException">What is asked for does not serve here.</exception>
    public static RouteChoice Choose(HttpContext http, in InferAddress address, ModelRoute route, EdgeState state)
    {
        RouteTag tag = Tag(http, address.HasVersion ? VersionOf(address, route) : null);
        string? user = http.Request.Headers[UserHeader];
        return Serving(route, tag, route.Choose(user, tag, string.IsNullOrEmpty(user) ? state.NextRequestNumber() : 0));
    }

    /// <summary>Like <see cref="Choose"/>, but the stable version when the request names none.</summary>
    /// <exception cref="ProtocolException">What is asked for does not serve here.</exception>
    public static ServingVersion ChooseNamed(HttpContext http, ModelRoute route)
    {
        RouteTag tag = Tag(http, http.Request.RouteValues["version"] as string);
        if (tag == RouteTag.None) tag = new RouteTag(RouteKind.Stable, null);
        return Serving(route, tag, route.Choose(default, tag, 0)).Version!;
    }

    private static RouteChoice Serving(ModelRoute route, RouteTag tag, RouteChoice choice)
    {
        if (choice.Version is not null) return choice;
        if (tag.Version is { } version)
            throw ProtocolException.NotFound($"Version '{version}' of model '{route.Model}' does not serve here.");
        throw choice.Kind == RouteKind.Candidate
            ? ProtocolException.NotFound($"Model '{route.Model}' has no candidate here.")
            : ProtocolException.Unavailable($"Model '{route.Model}' has no engine here yet.");
    }

    /// <summary>The version of the address, or the tag of the header.</summary>
    private static RouteTag Tag(HttpContext http, string? version)
    {
        RouteTag tag = RouteTag.Parse(http.Request.Headers[TagHeader]);
        if (version is not null)
        {
            if (tag != default && tag.Version != version)
                throw ProtocolException.BadRequest($"The address and header '{TagHeader}' ask for different versions.");
            tag = new RouteTag(null, version);
        }

        if (tag.Version is { } named && !Names.IsVersion(named))
            throw ProtocolException.BadRequest(
                $"{ProtocolException.Quote(named)} is not a version: {Names.VersionRule}.");
        return tag;
    }

    /// <summary>The route's own text of the version where it has one.</summary>
    private static string VersionOf(in InferAddress address, ModelRoute route)
    {
        if (route.Stable is { } stable && address.Version.SequenceEqual(stable.Version)) return stable.Version;
        if (route.Candidate is { } candidate && address.Version.SequenceEqual(candidate.Version)) return candidate.Version;
        return address.Version.ToString();
    }
}
