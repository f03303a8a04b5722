using Pipeline.Infra.Tests.Bicep;

namespace Pipeline.Infra.Tests.Checks;

/// <summary>Everything that is looked at in a deployment.</summary>
internal static class AllChecks
{
    public static IEnumerable<string> Faults(BicepFolder folder, string stage = "prod")
    {
        Deployment deployment;
        try
        {
            foreach (string path in folder.Paths) folder.Open(path);
            deployment = Deployment.Evaluate(folder, Deployment.Variables(stage, released: true));
            // Bodies are evaluated here: some mistakes show only then.
            if (deployment.Faults().ToArray() is { Length: > 0 } faults) return faults;
        }
        catch (BicepException e)
        {
            return [e.Message];
        }

        return [.. NameChecks.Faults(deployment), .. AccessChecks.Faults(deployment), .. SettingChecks.Faults(deployment),
            .. AlertChecks.Faults(deployment), .. SecurityChecks.Faults(deployment)];
    }
}
