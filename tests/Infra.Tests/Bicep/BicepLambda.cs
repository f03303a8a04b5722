using System.Text.Json;

namespace Pipeline.Infra.Tests.Bicep;

/// <summary>A function without a name, with what it sees.</summary>
internal sealed class BicepLambda(JsonElement node, BicepScope scope)
{
    private readonly string[] names = [.. node.GetProperty("names").EnumerateArray().Select(n => n.GetString()!)];

    public object? Call(params ReadOnlySpan<object?> arguments)
    {
        BicepScope inner = scope;
        for (int i = 0; i < names.Length; i++) inner = inner.WithArgument(names[i], arguments[i]);
        return BicepEvaluator.Evaluate(node.GetProperty("value"), inner);
    }
}
