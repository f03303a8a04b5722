using System.Collections.Concurrent;
using System.Text.Json;
using Pipeline.Testing;

namespace Pipeline.Infra.Tests.Bicep;

/// <summary>What Azure says of one resource type in one API version: tests/data/bicep-types.</summary>
internal sealed class ResourceTypes
{
    private static readonly ConcurrentDictionary<string, ResourceTypes?> Known = new(StringComparer.Ordinal);
    private readonly JsonElement types;
    private readonly JsonElement body;

    private ResourceTypes(JsonElement data)
    {
        types = data.GetProperty("types");
        body = At(At(data.GetProperty("root")).GetProperty("body"));
    }

    /// <param name="resource">Such as <c>Microsoft.Storage/storageAccounts@2025-06-01</c>.</param>
    /// <exception cref="KeyNotFoundException">There is no such type or version in the data.</exception>
    public static ResourceTypes Of(string resource) => TryFind(resource)
        ?? throw new KeyNotFoundException($"'{resource}' is not in tests/data/bicep-types: another version, or a mistake.");

    public static ResourceTypes? TryFind(string resource) => Known.GetOrAdd(resource, static name =>
    {
        string path = Repository.PathOf("tests", "data", "bicep-types", name.Replace('/', '_') + ".json");
        return File.Exists(path) ? new ResourceTypes(JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(path))) : null;
    });

    /// <summary>Everything that is wrong with a body.</summary>
    public IEnumerable<string> Check(object? value) => Check("", body, value);

    /// <summary>Whether a property exists that Azure answers with.</summary>
    public void Find(IEnumerable<string> path, out string? fault)
    {
        JsonElement type = body;
        fault = null;
        foreach (string name in path)
        {
            if (!Members(type, null).TryGetValue(name, out JsonElement member))
            {
                fault = $"there is no '{name}'.";
                return;
            }

            type = At(member.GetProperty("type"));
        }
    }

    private IEnumerable<string> Check(string place, JsonElement type, object? value) => (Kind(type), value) switch
    {
        // In Bicep a member that is null is left out.
        (_, null) or ("AnyType", _) => [],
        ("ObjectType", Dictionary<string, object?> members) => CheckMembers(place, type, Members(type, null), members),
        ("DiscriminatedObjectType", Dictionary<string, object?> members) => CheckChosen(place, type, members),
        ("ArrayType", List<object?> list) =>
            list.SelectMany((item, i) => Check($"{place}[{i}]", At(type.GetProperty("item")), item)),
        ("StringLiteralType", string text) => text == Literal(type) ? [] : [$"{place}: '{text}' is not '{Literal(type)}'."],
        ("UnionType", _) => CheckUnion(place, type, value),
        ("StringType", string text) => CheckText(place, type, text),
        ("IntegerType", long number) => Between(type, "minValue", "maxValue", number)
            ? []
            : [$"{place}: {number} is out of bounds."],
        ("BooleanType", bool) => [],
        _ => [$"{place}: a {Kind(type)} is wanted."],
    };

    private IEnumerable<string> CheckMembers(
        string place, JsonElement type, Dictionary<string, JsonElement> known, Dictionary<string, object?> members)
    {
        foreach ((string name, object? value) in members)
        {
            string at = $"{place}.{name}";
            if (!known.TryGetValue(name, out JsonElement member))
            {
                IEnumerable<string> faults = type.TryGetProperty("additional", out JsonElement additional)
                    ? Check(at, At(additional), value)
                    : [$"{at}: there is no such property; there is {string.Join(", ", known.Keys.Order(StringComparer.Ordinal))}."];
                foreach (string fault in faults) yield return fault;
            }
            else if (member.GetProperty("readOnly").GetBoolean())
            {
                yield return $"{at}: it is read-only.";
            }
            else
            {
                foreach (string fault in Check(at, At(member.GetProperty("type")), value)) yield return fault;
            }
        }

        foreach ((string name, JsonElement member) in known)
        {
            if (member.GetProperty("required").GetBoolean() && members.GetValueOrDefault(name) is null)
                yield return $"{place}.{name}: it is required.";
        }
    }

    private IEnumerable<string> CheckChosen(string place, JsonElement type, Dictionary<string, object?> members)
    {
        string by = type.GetProperty("discriminator").GetString()!;
        return members.GetValueOrDefault(by) is string chosen && type.GetProperty("elements").TryGetProperty(chosen, out JsonElement element)
            ? CheckMembers(place, At(element), Members(At(element), type), members)
            : [$"{place}.{by}: '{members.GetValueOrDefault(by)}' is none of the kinds that there are."];
    }

    // Azure allows other texts than those that it lists, for what comes later; a text that it does not list is a mistake here.
    private IEnumerable<string> CheckUnion(string place, JsonElement type, object? value)
    {
        JsonElement[] elements = [.. type.GetProperty("elements").EnumerateArray().Select(At)];
        string[] literals = [.. elements.Where(e => Kind(e) == "StringLiteralType").Select(Literal)];
        if (literals.Length > 0)
            return literals.Contains(value) ? [] : [$"{place}: '{value}' is none of {string.Join(", ", literals)}."];
        return elements.Any(e => !Check(place, e, value).Any()) ? [] : [$"{place}: the value fits none of the types."];
    }

    private static IEnumerable<string> CheckText(string place, JsonElement type, string text)
    {
        if (!Between(type, "minLength", "maxLength", text.Length)) yield return $"{place}: '{text}' is too short or too long.";
        if (type.TryGetProperty("pattern", out JsonElement pattern)
            && !System.Text.RegularExpressions.Regex.IsMatch(text, pattern.GetString()!))
        {
            yield return $"{place}: '{text}' does not match {pattern.GetString()}.";
        }
    }

    private static bool Between(JsonElement type, string least, string most, long value) =>
        (!type.TryGetProperty(least, out JsonElement low) || value >= low.GetInt64())
        && (!type.TryGetProperty(most, out JsonElement high) || value <= high.GetInt64());

    private static Dictionary<string, JsonElement> Members(JsonElement type, JsonElement? chosenFrom)
    {
        var members = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (JsonElement holder in new[] { chosenFrom?.GetProperty("base"), type.TryGetProperty("properties", out JsonElement own) ? own : null }
            .OfType<JsonElement>())
        {
            foreach (JsonProperty member in holder.EnumerateObject()) members[member.Name] = member.Value;
        }

        return members;
    }

    private JsonElement At(JsonElement index) => types.GetProperty(index.ToString());

    private static string Kind(JsonElement type) => type.GetProperty("kind").GetString()!;

    private static string Literal(JsonElement type) => type.GetProperty("value").GetString()!;
}
