using System.Text.RegularExpressions;
using System.Xml.Linq;
using Pipeline.Testing;

namespace Pipeline.Infra.Tests.Containers;

/// <summary>The rules for images: small, pinned, without rights, without a shell where they run.</summary>
internal static partial class DockerChecks
{
    private static readonly string[] Targets = ["cpu", "gpu"];

    /// <param name="project">Folder of the program.</param>
    public static IEnumerable<string> Faults(string project, string text)
    {
        DockerInstruction[] instructions = DockerInstruction.Parse(text);
        DockerStage[] stages = DockerStage.Split(instructions);
        foreach ((int index, DockerStage stage) in stages.Index())
        {
            foreach (string fault in Base(stage, stages[..index])) yield return $"{project}/Dockerfile:{stage.From.Line}: {fault}";
            foreach (DockerInstruction step in stage.Steps)
            {
                foreach (string fault in Step(step, stages[..index])) yield return $"{project}/Dockerfile:{step.Line}: {fault}";
            }
        }

        foreach (string target in Targets)
        {
            if (stages.SingleOrDefault(s => s.Name == target) is not { } stage) yield return $"{project}/Dockerfile: there is no variant '{target}'.";
            else foreach (string fault in Final(project, stage, stages)) yield return $"{project}/Dockerfile:{stage.From.Line}: '{target}' {fault}";
        }
    }

    private static IEnumerable<string> Base(DockerStage stage, DockerStage[] before)
    {
        if (stage.Name is null) yield return "the stage has no name.";
        if (before.Any(s => s.Name == stage.Image)) yield break;
        if (!Pinned().IsMatch(stage.Image)) yield return $"'{stage.Image}' has no tag of a version.";
        if (!stage.From.Explained && before.All(s => s.Image != stage.Image)) yield return $"say above it why it is '{stage.Image}'.";
    }

    private static IEnumerable<string> Step(DockerInstruction step, DockerStage[] before)
    {
        switch (step.Keyword)
        {
            case "ADD":
                yield return "ADD fetches and unpacks; use COPY.";
                break;
            case "COPY" when step.Flag("from") is { } from:
                if (before.All(s => s.Name != from)) yield return $"there is no stage '{from}' before it.";
                break;
            case "COPY":
                foreach (string source in step.Words[..^1].Where(s => s != "." && !Path.Exists(Repository.PathOf(s))))
                    yield return $"the repository has no '{source}'.";
                foreach (string source in step.Words[..^1].Where(s => Ignored().Contains(s))) yield return $".dockerignore leaves '{source}' out.";
                break;
            case "RUN":
                if (step.Text.Contains("apt-get install", StringComparison.Ordinal)
                    && !(step.Text.Contains("--no-install-recommends", StringComparison.Ordinal)
                        && step.Text.Contains("rm -rf /var/lib/apt/lists", StringComparison.Ordinal)))
                {
                    yield return "take what is named and nothing else: --no-install-recommends, and remove the lists.";
                }

                if (Download().IsMatch(step.Text)) yield return "what is fetched is run unseen; take a package with a checksum.";
                if (step.Text.Contains("npm", StringComparison.Ordinal) && !step.Text.Contains("npm ci --ignore-scripts", StringComparison.Ordinal))
                    yield return "the lock file says what comes in: npm ci --ignore-scripts.";
                foreach (Match project in ProjectFile().Matches(step.Text).Where(p => !File.Exists(Repository.PathOf(p.Value))))
                    yield return $"the repository has no '{project.Value}'.";
                break;
            case "ENV" or "ARG":
                if (Secret().IsMatch(step.Text)) yield return "an image holds no secret.";
                break;
        }
    }

    private static IEnumerable<string> Final(string project, DockerStage stage, DockerStage[] stages)
    {
        DockerInstruction[] steps = [.. stage.AllSteps(stages)];
        if (stage.Root(stages).Contains("chiseled", StringComparison.Ordinal) && steps.Any(s => s.Keyword == "RUN"))
            yield return "has no shell to run anything.";
        string user = steps.LastOrDefault(s => s.Keyword == "USER")?.Words[0] ?? "root";
        if (!NobodysNumber().IsMatch(user)) yield return $"runs as '{user}'; name a user by a number that is not root's.";
        string program = $"/app/{AssemblyOf(project)}";
        if (Last("ENTRYPOINT")?.Exec() is not [var entry] || entry != program) yield return $"starts other than '{program}', or by a shell.";
        if (Last("CMD") is { } command && command.Exec() is null) yield return "has a CMD for a shell.";
        if (Last("HEALTHCHECK") is not { } health) yield return "has no health check.";
        else if (health.Text != "NONE" && health.Exec()?[0] != program) yield return "has a health check that needs a shell or another program.";
        else if (health.Text == "NONE" && !health.Explained) yield return "has no health check and does not say why.";
        if (!steps.Any(s => s.Keyword == "ENV" && s.Text.Contains("DOTNET_EnableDiagnostics=0", StringComparison.Ordinal)))
            yield return "writes diagnostics files, for which a read-only root has no place.";
        if (!steps.Any(s => s.Keyword == "ENV" && s.Text.Contains("TMPDIR=/scratch", StringComparison.Ordinal)))
            yield return "has temporary files elsewhere than in /scratch.";

        DockerInstruction? Last(string keyword) => steps.LastOrDefault(s => s.Keyword == keyword);
    }

    private static string AssemblyOf(string project)
    {
        string file = Directory.EnumerateFiles(Repository.PathOf(project), "*.csproj").Single();
        // As Directory.Build.props names it, unless the project says otherwise.
        return XDocument.Load(file).Descendants("AssemblyName").FirstOrDefault()?.Value ?? $"Pipeline.{Path.GetFileNameWithoutExtension(file)}";
    }

    private static string[] Ignored() => File.ReadAllLines(Repository.PathOf(".dockerignore"));

    [GeneratedRegex(@"\A[^:@]+:\w*\d[\w.-]*\z")]
    private static partial Regex Pinned();

    [GeneratedRegex(@"\b(curl|wget)\b|git clone")]
    private static partial Regex Download();

    [GeneratedRegex(@"[\w/-]+\.csproj")]
    private static partial Regex ProjectFile();

    [GeneratedRegex("(?i)password|secret|token|accountkey|connectionstring")]
    private static partial Regex Secret();

    [GeneratedRegex(@"\A[1-9]\d{3,}(:[1-9]\d{3,})?\z")]
    private static partial Regex NobodysNumber();
}
