using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Pipeline.Infra.Tests.Bicep;

/// <summary>The functions of Bicep that the files use; another one is an error here until somebody adds it.</summary>
internal static class BicepFunctions
{
    public const string Subscription = "/subscriptions/00000000-1111-2222-3333-444444444444";
    public const string Tenant = "99999999-8888-7777-6666-555555555555";

    public static object? Call(JsonElement node, BicepScope scope)
    {
        string name = node.GetProperty("name").GetString() ?? throw BicepEvaluator.Fault(node, scope, "only names can be called.");
        object?[] arguments = [.. node.GetProperty("arguments").EnumerateArray().Select(a => BicepEvaluator.Evaluate(a, scope))];
        try
        {
            return scope.Run.TryCall(name, arguments, node, scope, out object? own) ? own : BuiltIn(name, arguments, scope);
        }
        catch (Exception e) when (e is NotSupportedException or InvalidCastException or InvalidOperationException or ArgumentException)
        {
            throw BicepEvaluator.Fault(node, scope, $"{name}({arguments.Length} arguments): {e.Message}");
        }
    }

    /// <summary>As Azure does it: the same texts give the same token, other texts another one.</summary>
    public static string UniqueString(IEnumerable<object?> texts) =>
        Convert.ToHexStringLower(Hash(texts))[..13].Replace('0', 'g').Replace('1', 'h');

    public static string Guid(IEnumerable<object?> texts) => new Guid(Hash(texts).AsSpan(0, 16)).ToString();

    private static object? BuiltIn(string name, object?[] a, BicepScope scope) => (name, a) switch
    {
        ("empty", [var value]) => value is null || Count(value) == 0,
        ("length", [var value]) => Count(value),
        ("string", [var value]) => BicepEvaluator.ToText(value),
        ("contains", [List<object?> list, var item]) => list.Any(i => BicepEvaluator.Same(i, item)),
        ("contains", [string text, string part]) => text.Contains(part, StringComparison.Ordinal),
        ("replace", [string text, string old, string replacement]) => text.Replace(old, replacement, StringComparison.Ordinal),
        ("split", [string text, string separator]) => text.Split(separator).ToList<object?>(),
        ("join", [List<object?> list, string separator]) => string.Join(separator, list.Cast<string>()),
        ("take", [string text, long count]) => text[..(int)Math.Min(count, text.Length)],
        ("last", [List<object?> list]) => list.LastOrDefault(),
        ("toLower", [string text]) => text.ToLowerInvariant(),
        ("range", [long start, long count]) => Enumerable.Range((int)start, (int)count).Select(i => (object?)(long)i).ToList(),
        ("concat", _) => a.SelectMany(List).ToList(),
        ("flatten", [List<object?> lists]) => lists.SelectMany(List).ToList(),
        ("union", [Dictionary<string, object?>, ..]) => Merge(a.Cast<Dictionary<string, object?>>()),
        ("union", _) => a.SelectMany(List).Distinct().ToList(),
        ("items", [Dictionary<string, object?> map]) => map.OrderBy(p => p.Key, StringComparer.Ordinal)
            .Select(p => (object?)Entry(p.Key, p.Value)).ToList(),
        ("map", [List<object?> list, BicepLambda lambda]) => list.Select(i => lambda.Call(i)).ToList(),
        ("filter", [List<object?> list, BicepLambda lambda]) => list.Where(i => (bool)lambda.Call(i)!).ToList(),
        ("toObject", [List<object?> list, BicepLambda key, BicepLambda value]) =>
            list.ToDictionary(i => (string)key.Call(i)!, i => value.Call(i), StringComparer.Ordinal),
        ("base64", [string text]) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text)),
        ("base64ToString", [string text]) => Encoding.UTF8.GetString(Convert.FromBase64String(text)),
        ("uniqueString", _) => UniqueString(a),
        ("guid", _) => Guid(a),
        ("cidrSubnet", [string prefix, long size, long index]) => Subnet(prefix, (int)size, (uint)index),
        ("subscription", []) => new Dictionary<string, object?> { ["id"] = Subscription },
        ("deployment", []) => new Dictionary<string, object?> { ["location"] = "swedencentral" },
        ("tenant", []) => new Dictionary<string, object?> { ["tenantId"] = Tenant },
        ("environment", []) => Cloud(),
        ("subscriptionResourceId", [string type, string id]) => $"{Subscription}/providers/{type}/{id}",
        ("readEnvironmentVariable", [string variable]) => scope.Run.Variables.TryGetValue(variable, out string? value)
            ? value
            : throw new InvalidOperationException($"the variable '{variable}' is not set."),
        ("readEnvironmentVariable", [string variable, string otherwise]) => scope.Run.Variables.GetValueOrDefault(variable, otherwise),
        _ => throw new NotSupportedException("the tests know no such function of these arguments."),
    };

    private static byte[] Hash(IEnumerable<object?> texts) => SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', texts)));

    private static List<object?> List(object? value) => (List<object?>)value!;

    private static long Count(object? value) => value switch
    {
        string text => text.Length,
        List<object?> list => list.Count,
        Dictionary<string, object?> map => map.Count,
        _ => throw new InvalidCastException("it has no length."),
    };

    private static Dictionary<string, object?> Merge(IEnumerable<Dictionary<string, object?>> maps)
    {
        var all = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach ((string key, object? value) in maps.SelectMany(m => m)) all[key] = value;
        return all;
    }

    private static Dictionary<string, object?> Entry(string key, object? value) => new() { ["key"] = key, ["value"] = value };

    private static Dictionary<string, object?> Cloud() => new()
    {
        ["authentication"] = new Dictionary<string, object?> { ["loginEndpoint"] = "https://login.microsoftonline.com/" },
        ["suffixes"] = new Dictionary<string, object?> { ["storage"] = "core.windows.net" },
    };

    private static string Subnet(string prefix, int size, uint index)
    {
        IPNetwork network = IPNetwork.Parse(prefix);
        uint start = BitConverter.ToUInt32([.. network.BaseAddress.GetAddressBytes().Reverse()]) + (index << (32 - size));
        var subnet = new IPNetwork(new IPAddress([.. BitConverter.GetBytes(start).Reverse()]), size);
        return network.Contains(subnet.BaseAddress) && size >= network.PrefixLength
            ? subnet.ToString()
            : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"'{prefix}' has no subnet {index} of /{size}."));
    }
}
