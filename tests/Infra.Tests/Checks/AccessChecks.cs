using Pipeline.Infra.Tests.Bicep;
using Pipeline.Testing;

namespace Pipeline.Infra.Tests.Checks;

/// <summary>Whether each identity has the rights that the documentation tells, and no other.</summary>
internal static class AccessChecks
{
    public static IEnumerable<string> Faults(Deployment deployment)
    {
        Grant[] documented = [.. Grant.Documented(File.ReadAllText(Repository.PathOf("docs", "infrastructure.md")))];
        Grant[] given = [.. Grant.Of(deployment)];
        foreach (Grant grant in given.Except(documented))
            yield return $"modules/access.bicep: '{grant.Who}' has the role '{grant.Role}' on {grant.On}, which docs/infrastructure.md does not say.";
        foreach (Grant grant in documented.Except(given))
            yield return $"modules/access.bicep: '{grant.Who}' lacks the role '{grant.Role}' on {grant.On}, which docs/infrastructure.md says.";

        // A rule of the design, whatever the table says: what parses models or serves requests cannot sign.
        foreach (Grant grant in given.Where(g => g.On.StartsWith("key ", StringComparison.Ordinal) && g.Who is ("worker" or "edge" or "events")))
            yield return $"modules/access.bicep: '{grant.Who}' has a right on the signing key.";
    }
}
