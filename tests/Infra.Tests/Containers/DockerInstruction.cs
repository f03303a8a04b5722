using System.Text.Json;
using Pipeline.Infra.Tests.Bicep;

namespace Pipeline.Infra.Tests.Containers;

/// <summary>One instruction of a Dockerfile.</summary>
/// <param name="Text">What follows the keyword, as it is written.</param>
/// <param name="Explained">Whether a comment stands right above it.</param>
internal sealed record DockerInstruction(int Line, string Keyword, string Text, string[] Words, string[] Flags, bool Explained)
{
    private static readonly Lazy<NodeParser> Parser = new(() => new NodeParser("Containers/parse.mjs"));
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    public static DockerInstruction[] Parse(string text) => Parser.Value.Ask(text).Deserialize<DockerInstruction[]>(Options)!;

    /// <summary>The words of the form without a shell; null for the other form.</summary>
    public string[]? Exec()
    {
        int start = Text.IndexOf('[', StringComparison.Ordinal);
        return start < 0 ? null : JsonSerializer.Deserialize<string[]>(Text[start..]);
    }

    public string? Flag(string name) =>
        Flags.Where(f => f.StartsWith($"--{name}=", StringComparison.Ordinal)).Select(f => f[(name.Length + 3)..]).FirstOrDefault();
}
