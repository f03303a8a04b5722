using System.Collections.Immutable;

namespace Pipeline.Infra.Tests.Bicep;

/// <summary>A property of a resource that only Azure knows, such as <c>properties.loginServer</c>.</summary>
internal sealed record RuntimeReference(BicepResource Resource, ImmutableList<string> Path)
{
    /// <summary>A sample of it, after its type has been looked at.</summary>
    public string Resolve()
    {
        string path = string.Join('.', Path);
        ResourceTypes.Of(Resource.Type).Find(Path, out string? fault);
        if (fault is not null) throw Resource.Fault($"'{path}' of a '{Resource.Type}': {fault}");
        return RuntimeValues.Sample(Resource.Type.Split('@')[0], Resource.Name, Resource.Id, path)
            ?? throw Resource.Fault($"the tests have no sample of '{path}' of a '{Resource.Type}'.");
    }
}
