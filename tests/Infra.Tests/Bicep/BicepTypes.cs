using System.Globalization;
using System.Text.Json;

namespace Pipeline.Infra.Tests.Bicep;

/// <summary>Whether a value is what a parameter, an output or a member of an object is declared to be.</summary>
internal static class BicepTypes
{
    /// <summary>What is wrong with a value for a declaration; null when nothing is.</summary>
    public static string? Fault(JsonElement declaration, object? value, BicepRun run) =>
        TypeFault(declaration.GetProperty("type"), value, run) ?? LimitFault(declaration, value);

    private static string? TypeFault(JsonElement type, object? value, BicepRun run) => (Kind(type), value) switch
    {
        ("nullable", null) => null,
        ("nullable", _) => TypeFault(type.GetProperty("item"), value, run),
        ("literal", string text) when text == type.GetProperty("value").GetString() => null,
        ("literal", _) => $"'{value}' is not '{type.GetProperty("value").GetString()}'",
        ("union", _) => type.GetProperty("items").EnumerateArray().Any(t => TypeFault(t, value, run) is null)
            ? null
            : $"'{value}' is none of the values that it may have",
        ("array", List<object?> list) =>
            list.Select((item, i) => Inner($"[{i}]", TypeFault(type.GetProperty("item"), item, run))).FirstOrDefault(f => f is not null),
        ("object", Dictionary<string, object?> members) => MembersFault(type, members, run),
        ("name", _) => NamedFault(type.GetProperty("name").GetString()!, value, run),
        _ => "the value has another type",
    };

    private static string? NamedFault(string name, object? value, BicepRun run) => (name, value) switch
    {
        ("string", string) or ("int", long) or ("bool", bool) => null,
        ("object", Dictionary<string, object?>) or ("array", List<object?>) => null,
        ("string" or "int" or "bool" or "object" or "array", _) => $"the value is no {name}",
        _ when run.FindType(name) is { } found => TypeFault(found.Type.Node.GetProperty("type"), value, found.Run),
        _ => $"there is no type '{name}'",
    };

    private static string? MembersFault(JsonElement type, Dictionary<string, object?> members, BicepRun run)
    {
        JsonElement[] declared = [.. type.GetProperty("members").EnumerateArray()];
        string? unknown = members.Keys.FirstOrDefault(k => declared.All(d => Name(d) != k));
        if (unknown is not null) return $"there is no member '{unknown}'";
        foreach (JsonElement member in declared)
        {
            if (!members.TryGetValue(Name(member), out object? value))
            {
                if (Kind(member.GetProperty("type")) != "nullable") return $"the member '{Name(member)}' is missing";
            }
            else if (Fault(member, value, run) is { } fault)
            {
                return Inner($".{Name(member)}", fault);
            }
        }

        return null;
    }

    private static string? LimitFault(JsonElement declaration, object? value)
    {
        long? size = value switch
        {
            string text => text.Length,
            List<object?> list => list.Count,
            _ => null,
        };
        if (Limit("minLength") is { } shortest && size < shortest) return $"'{value}' is shorter than {shortest}";
        if (Limit("maxLength") is { } longest && size > longest) return $"'{value}' is longer than {longest}";
        if (Limit("minValue") is { } least && value is long low && low < least) return $"{low} is below {least}";
        if (Limit("maxValue") is { } most && value is long high && high > most) return $"{high} is above {most}";
        return Argument("allowed") is { } allowed && !Literals(allowed).Contains(Convert.ToString(value, CultureInfo.InvariantCulture))
            ? $"'{value}' is not allowed"
            : null;

        JsonElement? Argument(string name) => BicepStatement.DecoratorOf(declaration, name) is { } arguments ? arguments[0] : null;

        long? Limit(string name) => Argument(name)?.GetProperty("value").GetInt64();
    }

    private static IEnumerable<string?> Literals(JsonElement array) => array.GetProperty("items").EnumerateArray()
        .Select(i => Kind(i) == "string" ? i.GetProperty("parts")[0].GetString() : i.GetProperty("value").ToString());

    private static string? Inner(string place, string? fault) => fault is null ? null : $"{place}: {fault}";

    private static string Kind(JsonElement type) => type.GetProperty("kind").GetString()!;

    private static string Name(JsonElement member) => member.GetProperty("name").GetString()!;
}
