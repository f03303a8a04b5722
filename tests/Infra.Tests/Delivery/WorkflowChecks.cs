using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Pipeline.Testing;

namespace Pipeline.Infra.Tests.Delivery;

/// <summary>The rules for workflows: few rights, known actions, limits, nothing from outside run as a script.</summary>
internal static partial class WorkflowChecks
{
    // The versions that these files were written for, with what each is given.
    private static readonly Dictionary<string, string[]> Actions = new()
    {
        ["actions/checkout@v7"] = ["persist-credentials"],
        ["actions/setup-dotnet@v6"] = ["global-json-file"],
        ["Azure/setup-azd@v2"] = [],
        ["Azure/login@v3"] = ["client-id", "tenant-id", "subscription-id"],
        ["docker/setup-buildx-action@v3"] = [],
        ["docker/login-action@v3"] = ["registry", "username", "password"],
        ["docker/build-push-action@v7"] = ["context", "file", "target", "push", "tags", "provenance", "sbom"],
    };

    private static readonly string[] Events = ["pull_request", "workflow_call", "push"];

    public static IEnumerable<string> Faults(string name, string text)
    {
        JsonObject workflow;
        try
        {
            workflow = Yaml.Parse(text);
        }
        catch (FormatException e)
        {
            return [$"{name}: {e.Message}"];
        }

        return Whole(name, workflow, text).Concat(Yaml.Members(workflow["jobs"])
            .SelectMany(j => Job((JsonObject)j.Value!, Yaml.Members(workflow["jobs"]).Select(o => o.Key).ToArray()).Select(f => $"{name}: job '{j.Key}' {f}")));
    }

    private static IEnumerable<string> Whole(string name, JsonObject workflow, string text)
    {
        if (workflow["permissions"] is not JsonObject rights || rights.Count != 1 || rights["contents"]?.ToString() != "read")
            yield return $"{name}: at the top, rights are 'contents: read'; a job that needs more says so.";
        foreach (string unknown in Yaml.Members(workflow["on"]).Select(e => e.Key).Except(Events))
            yield return $"{name}: '{unknown}' is no event that these workflows run on.";
        foreach (Match secret in Secret().Matches(text).Where(s => s.Groups[1].Value != "GITHUB_TOKEN"))
            yield return $"{name}: the secret '{secret.Groups[1].Value}'; sign in by federation.";
        foreach (Match source in SourceFile().Matches(text).Where(s => !File.Exists(Repository.PathOf(s.Value))))
            yield return $"{name}: the repository has no '{source.Value}'.";
    }

    private static IEnumerable<string> Job(JsonObject job, string[] jobs)
    {
        foreach (string needed in Yaml.Texts(job["needs"]).Except(jobs)) yield return $"needs a job '{needed}' that is not there.";
        if (job["permissions"]?["id-token"] is not null && job["environment"] is null && job["uses"] is null)
            yield return "may sign in to Azure outside of any environment, so without its approval.";
        if (job["uses"]?.ToString() is { } called)
        {
            if (!called.StartsWith("./", StringComparison.Ordinal) || !File.Exists(Repository.PathOf(called[2..])))
                yield return $"calls '{called}', which is no workflow of this repository.";
            else foreach (string fault in Call(job, called[2..])) yield return fault;
            yield break;
        }

        if (job["timeout-minutes"] is null) yield return "has no time limit.";
        if (job["runs-on"]?.ToString() is not { } runner || runner.EndsWith("-latest", StringComparison.Ordinal))
            yield return "runs on a machine that changes by itself.";
        foreach (JsonNode? step in (JsonArray)job["steps"]!)
        {
            foreach (string fault in Step((JsonObject)step!)) yield return fault;
        }
    }

    private static IEnumerable<string> Call(JsonObject job, string path)
    {
        JsonNode? inputs = Yaml.Parse(File.ReadAllText(Repository.PathOf(path)))["on"]?["workflow_call"]?["inputs"];
        foreach (string missing in Yaml.Members(inputs).Select(i => i.Key).Except(Yaml.Members(job["with"]).Select(w => w.Key)))
            yield return $"does not give '{missing}' to '{path}'.";
        foreach (string unknown in Yaml.Members(job["with"]).Select(w => w.Key).Except(Yaml.Members(inputs).Select(i => i.Key)))
            yield return $"gives '{unknown}' to '{path}', which takes no such thing.";
    }

    private static IEnumerable<string> Step(JsonObject step)
    {
        if (step["uses"]?.ToString() is { } action)
        {
            if (!Actions.TryGetValue(action, out string[]? inputs)) yield return $"uses '{action}', which is not among the known actions and versions.";
            else foreach (string unknown in Yaml.Members(step["with"]).Select(w => w.Key).Except(inputs)) yield return $"gives '{unknown}' to '{action}'.";
            if (action.StartsWith("actions/checkout", StringComparison.Ordinal) && step["with"]?["persist-credentials"]?.ToString() != "false")
                yield return "leaves its token in the working tree.";
            if (action.StartsWith("docker/build-push", StringComparison.Ordinal)
                && (step["with"]?["provenance"]?.ToString() != "mode=max" || step["with"]?["sbom"]?.ToString() != "true"))
            {
                yield return "pushes an image without provenance and a list of its contents.";
            }
        }

        // A value in a script's text is code; in a variable it is a value.
        if (step["run"]?.ToString() is { } script && script.Contains("${{", StringComparison.Ordinal))
            yield return "puts an expression into a script; use a variable.";
    }

    [GeneratedRegex(@"secrets\.(\w+)")]
    private static partial Regex Secret();

    [GeneratedRegex(@"(?<=\s)[\w./-]+\.(?:bicep|bicepparam|csproj)(?=\s)")]
    private static partial Regex SourceFile();
}
