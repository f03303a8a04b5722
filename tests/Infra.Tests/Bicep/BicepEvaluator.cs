using System.Globalization;
using System.Text.Json;

namespace Pipeline.Infra.Tests.Bicep;

/// <summary>
/// Evaluates expressions. Values are null, bool, long, string, lists and dictionaries; what only Azure knows has a sample
/// from <see cref="RuntimeValues"/>.
/// </summary>
internal static class BicepEvaluator
{
    public static object? Evaluate(JsonElement node, BicepScope scope)
    {
        object? value = Raw(node, scope);
        return value is RuntimeReference reference ? reference.Resolve() : value;
    }

    /// <summary>The items of a loop or a comprehension, each with the scope that sees it.</summary>
    public static IEnumerable<BicepScope> Loop(JsonElement node, BicepScope scope)
    {
        string item = Text(node, "item");
        string? index = node.GetProperty("index").GetString();
        long position = 0;
        foreach (object? value in List(node.GetProperty("list"), scope))
        {
            BicepScope inner = scope.With(item, value);
            yield return index is null ? inner : inner.With(index, position);
            position++;
        }
    }

    public static bool Condition(JsonElement node, BicepScope scope) => Evaluate(node, scope) is bool value
        ? value
        : throw Fault(node, scope, "this is no condition.");

    public static BicepException Fault(JsonElement node, BicepScope scope, string message) =>
        new(scope.Run.File.Path, node.TryGetProperty("line", out JsonElement line) ? line.GetInt32() : 0, message);

    public static bool Same(object? left, object? right) => (left, right) switch
    {
        (List<object?> a, List<object?> b) => a.Count == b.Count && a.Zip(b).All(p => Same(p.First, p.Second)),
        (Dictionary<string, object?> a, Dictionary<string, object?> b) =>
            a.Count == b.Count && a.All(p => b.TryGetValue(p.Key, out object? other) && Same(p.Value, other)),
        _ => Equals(left, right),
    };

    public static string ToText(object? value) => value switch
    {
        string text => text,
        bool flag => flag ? "true" : "false",
        long number => number.ToString(CultureInfo.InvariantCulture),
        _ => throw new InvalidOperationException($"A {value?.GetType().Name ?? "null"} is no text."),
    };

    private static object? Raw(JsonElement node, BicepScope scope) => Text(node, "kind") switch
    {
        "literal" => Literal(node.GetProperty("value")),
        "string" => Join(node, scope),
        "name" => scope.TryFind(Text(node, "name"), out object? local) ? local : scope.Run.Find(Text(node, "name"), node, scope),
        "array" => node.GetProperty("items").EnumerateArray().Select(i => Evaluate(i, scope)).ToList(),
        "object" => Object(node, scope),
        "for" => Loop(node, scope).Select(inner => Evaluate(node.GetProperty("value"), inner)).ToList(),
        "lambda" => new BicepLambda(node, scope),
        "call" => BicepFunctions.Call(node, scope),
        "member" => Member(node, Raw(node.GetProperty("object"), scope), scope),
        "index" => Index(node, Raw(node.GetProperty("object"), scope), Evaluate(node.GetProperty("index"), scope), scope),
        "choice" => Evaluate(node.GetProperty(Condition(node.GetProperty("condition"), scope) ? "yes" : "no"), scope),
        "unary" => Unary(node, scope),
        "binary" => Binary(node, scope),
        var kind => throw Fault(node, scope, $"the tests cannot evaluate a '{kind}'."),
    };

    private static object? Literal(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetInt64(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    private static string Join(JsonElement node, BicepScope scope) => string.Concat(node.GetProperty("parts").EnumerateArray()
        .Select(p => p.ValueKind == JsonValueKind.String ? p.GetString() : Evaluate(p, scope) switch
        {
            (string or bool or long) and var value => ToText(value),
            _ => throw Fault(node, scope, "only texts, numbers and truths fit into a text."),
        }));

    private static Dictionary<string, object?> Object(JsonElement node, BicepScope scope)
    {
        var members = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (JsonElement member in node.GetProperty("members").EnumerateArray())
        {
            string name = Join(member.GetProperty("name"), scope);
            if (!members.TryAdd(name, Evaluate(member.GetProperty("value"), scope)))
                throw Fault(member, scope, $"'{name}' is there twice.");
        }

        return members;
    }

    private static object? Member(JsonElement node, object? target, BicepScope scope)
    {
        string name = Text(node, "name");
        return target switch
        {
            Dictionary<string, object?> members => members.TryGetValue(name, out object? value)
                ? value
                : node.GetProperty("safe").GetBoolean() ? null : throw Fault(node, scope, $"there is no '{name}' in it."),
            BicepResource resource => resource.Read(name),
            RuntimeReference reference => reference with { Path = reference.Path.Add(name) },
            BicepModule module when name == "outputs" => module.Outputs(node, scope),
            null when node.GetProperty("safe").GetBoolean() => null,
            _ => throw Fault(node, scope, $"'{name}' is asked of something that has no members."),
        };
    }

    private static object? Index(JsonElement node, object? target, object? index, BicepScope scope) => (target, index) switch
    {
        (List<object?> and [BicepResource or BicepModule, ..], _)
            when node.GetProperty("index") is var place && Text(place, "kind") == "name" && scope.IsArgument(Text(place, "name")) =>
            throw Fault(node, scope, "a lambda's argument cannot choose a resource (BCP247); use a loop."),
        (List<object?> list, long position) when position >= 0 && position < list.Count => list[(int)position],
        (Dictionary<string, object?> members, string name) when members.TryGetValue(name, out object? value) => value,
        _ => throw Fault(node, scope, $"there is no item '{index}' in it."),
    };

    private static object? Unary(JsonElement node, BicepScope scope) =>
        (Text(node, "operator"), Evaluate(node.GetProperty("value"), scope)) switch
        {
            ("!", bool value) => !value,
            ("-", long value) => -value,
            _ => throw Fault(node, scope, "the operator does not fit."),
        };

    private static object? Binary(JsonElement node, BicepScope scope)
    {
        JsonElement right = node.GetProperty("right");
        object? left = Evaluate(node.GetProperty("left"), scope);
        switch (Text(node, "operator"), left)
        {
            case ("&&", bool value): return value && Condition(right, scope);
            case ("||", bool value): return value || Condition(right, scope);
            case ("??", _): return left ?? Evaluate(right, scope);
            case ("==", _): return Same(left, Evaluate(right, scope));
            case ("!=", _): return !Same(left, Evaluate(right, scope));
        }

        return (Text(node, "operator"), left, Evaluate(right, scope)) switch
        {
            ("+", long a, long b) => a + b,
            ("-", long a, long b) => a - b,
            ("*", long a, long b) => a * b,
            ("/", long a, long b) => a / b,
            ("<", long a, long b) => a < b,
            (">", long a, long b) => a > b,
            ("<=", long a, long b) => a <= b,
            (">=", long a, long b) => a >= b,
            _ => throw Fault(node, scope, "the operator does not fit."),
        };
    }

    private static IEnumerable<object?> List(JsonElement node, BicepScope scope) => Evaluate(node, scope) is List<object?> list
        ? list
        : throw Fault(node, scope, "this is no array.");

    private static string Text(JsonElement node, string member) => node.GetProperty(member).GetString()!;
}
