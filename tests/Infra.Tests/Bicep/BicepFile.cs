using System.Text.Json;

namespace Pipeline.Infra.Tests.Bicep;

/// <summary>One parsed file: its statements by name, and what is wrong with it before anything is evaluated.</summary>
internal sealed class BicepFile
{
    private static readonly Lazy<NodeParser> Parser = new(() => new NodeParser("Bicep/parse.mjs"));
    private static readonly string[] Declarations = ["param", "var", "type", "func", "resource", "module"];

    private BicepFile(string path, IReadOnlyList<BicepStatement> statements)
    {
        Path = path;
        Statements = statements;
        foreach (BicepStatement statement in statements)
        {
            if (statement.Kind == "import")
            {
                foreach (string name in statement.Node.GetProperty("names").EnumerateArray().Select(n => n.GetString()!))
                    Declare(name, statement);
            }
            else if (Declarations.Contains(statement.Kind))
            {
                Declare(statement.Name, statement);
            }
        }
    }

    /// <summary>From the folder infra, with forward slashes.</summary>
    public string Path { get; }

    public IReadOnlyList<BicepStatement> Statements { get; }

    /// <summary>Everything but outputs, which have names of their own.</summary>
    public Dictionary<string, BicepStatement> Symbols { get; } = new(StringComparer.Ordinal);

    public IEnumerable<BicepStatement> Of(string kind) => Statements.Where(s => s.Kind == kind);

    /// <exception cref="BicepException">It has syntax errors.</exception>
    public static BicepFile Parse(string path, string text)
    {
        JsonElement answer = Parser.Value.Ask(text);
        foreach (JsonElement error in answer.GetProperty("errors").EnumerateArray())
            throw new BicepException(path, error.GetProperty("line").GetInt32(), $"syntax: {error.GetProperty("text").GetString()}");
        return new BicepFile(path, [.. answer.GetProperty("statements").EnumerateArray().Select(s => new BicepStatement(s))]);
    }

    /// <summary>Parameters, variables and imports that nothing uses.</summary>
    public IEnumerable<string> Unused()
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (BicepStatement statement in Statements) Collect(statement.Node, used);
        return Symbols
            .Where(s => s.Value.Kind is "import" || (s.Value.Kind is "param" or "var" && !s.Value.IsExported))
            .Where(s => !used.Contains(s.Key))
            .Select(s => $"{Path}:{s.Value.Line}: nothing uses '{s.Key}'.");
    }

    private static void Collect(JsonElement node, HashSet<string> used)
    {
        if (node.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in node.EnumerateArray()) Collect(item, used);
        }
        else if (node.ValueKind == JsonValueKind.Object)
        {
            // Uses of a name, of a type and of a function; a declaration carries its own name, too, but under another kind.
            if (node.TryGetProperty("kind", out JsonElement kind) && kind.GetString() is "name" or "call"
                && node.TryGetProperty("name", out JsonElement name) && name.ValueKind == JsonValueKind.String)
            {
                used.Add(name.GetString()!);
            }

            foreach (JsonProperty member in node.EnumerateObject()) Collect(member.Value, used);
        }
    }

    private void Declare(string name, BicepStatement statement)
    {
        if (!Symbols.TryAdd(name, statement))
            throw new BicepException(Path, statement.Line, $"'{name}' is declared twice; types, parameters and resources share one list.");
    }
}
