namespace Pipeline.Infra.Tests.Containers;

/// <summary>A stage: an image, and what is done on top of it.</summary>
internal sealed record DockerStage(DockerInstruction From, DockerInstruction[] Steps)
{
    public string Image => From.Words[0];

    public string? Name => From.Words is [_, var keyword, var name] && keyword.Equals("AS", StringComparison.OrdinalIgnoreCase) ? name : null;

    public static DockerStage[] Split(DockerInstruction[] instructions)
    {
        int[] starts = [.. instructions.Index().Where(i => i.Item.Keyword == "FROM").Select(i => i.Index), instructions.Length];
        return [.. starts.Zip(starts.Skip(1)).Select(s => new DockerStage(instructions[s.First], instructions[(s.First + 1)..s.Second]))];
    }

    /// <summary>This stage's steps after those of the stages that it stands on.</summary>
    public IEnumerable<DockerInstruction> AllSteps(DockerStage[] stages) =>
        (stages.FirstOrDefault(s => s.Name == Image)?.AllSteps(stages) ?? []).Concat(Steps);

    /// <summary>The image from a registry that it stands on in the end.</summary>
    public string Root(DockerStage[] stages) => stages.FirstOrDefault(s => s.Name == Image)?.Root(stages) ?? Image;
}
