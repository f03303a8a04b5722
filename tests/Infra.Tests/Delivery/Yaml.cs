using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Infra.Tests.Bicep;

namespace Pipeline.Infra.Tests.Delivery;

/// <summary>YAML files as JSON.</summary>
internal static class Yaml
{
    private static readonly Lazy<NodeParser> Parser = new(() => new NodeParser("Delivery/parse.mjs"));

    /// <exception cref="FormatException">It is no YAML, or a key is there twice.</exception>
    public static JsonObject Parse(string text)
    {
        JsonElement answer = Parser.Value.Ask(text);
        string[] errors = [.. answer.GetProperty("errors").EnumerateArray().Select(e => e.GetString()!)];
        return errors.Length == 0 ? answer.GetProperty("content").Deserialize<JsonObject>()! : throw new FormatException(errors[0]);
    }

    /// <summary>The members of an object that may be missing.</summary>
    public static IEnumerable<KeyValuePair<string, JsonNode?>> Members(JsonNode? node) => node as JsonObject ?? [];

    /// <summary>The items of a list that may be missing or a single one.</summary>
    public static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        null => [],
        JsonArray list => list.Select(i => i!.ToString()),
        _ => [node.ToString()],
    };
}
