using System.Text.Json;

namespace Pipeline.Infra.Tests.Bicep;

/// <summary>A declaration at the top of a file.</summary>
internal sealed class BicepStatement(JsonElement node)
{
    public JsonElement Node { get; } = node;

    public string Kind { get; } = node.GetProperty("kind").GetString()!;

    public int Line { get; } = node.GetProperty("line").GetInt32();

    public string Name => Node.GetProperty("name").GetString()!;

    public JsonElement Value => Node.GetProperty("value");

    public bool HasValue => Value.ValueKind != JsonValueKind.Null;

    public bool IsExported => Decorator("export") is not null;

    /// <summary>A decorator's arguments; null when it is not there.</summary>
    public JsonElement? Decorator(string name) => DecoratorOf(Node, name);

    public static JsonElement? DecoratorOf(JsonElement node, string name) => node.GetProperty("decorators").EnumerateArray()
        .Where(d => d.GetProperty("name").GetString() == name)
        .Select(d => (JsonElement?)d.GetProperty("arguments")).FirstOrDefault();
}
