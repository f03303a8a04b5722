using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Pipeline.Core.Json;

namespace Pipeline.Cloud.Documents;

/// <summary>
/// The serializer refuses a null for a member that takes none, but does not see one that lies inside an array or a
/// dictionary (docs/decisions/0006-json.md); so what another party wrote is looked through for those.
/// </summary>
internal static class JsonNulls
{
    /// <param name="json">What was read as <paramref name="value"/>.</param>
    /// <param name="fault">Of the reading; the null's, as a sentence, when there is one.</param>
    /// <returns>The value; null when it was, or when it holds a null.</returns>
    public static T? Refuse<T>(T? value, ReadOnlyMemory<byte> json, ref string? fault)
        where T : class
    {
        if (value is null) return null;
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = PipelineJson.Options.MaxDepth });
        if (!IsIn(document.RootElement, typeof(T))) return value;
        fault = $"The {typeof(T).Name} holds a null.";
        return null;
    }

    private static bool IsIn(JsonElement value, Type type)
    {
        JsonTypeInfo info = PipelineJson.Options.GetTypeInfo(type);
        return info.Kind switch
        {
            JsonTypeInfoKind.Object => IsInMembers(value, info),
            JsonTypeInfoKind.Enumerable => value.EnumerateArray().Any(v => IsNullOrHolds(v, info.ElementType!)),
            JsonTypeInfoKind.Dictionary => value.EnumerateObject().Any(p => IsNullOrHolds(p.Value, info.ElementType!)),
            _ => false,
        };
    }

    private static bool IsInMembers(JsonElement value, JsonTypeInfo info) =>
        value.ValueKind == JsonValueKind.Object && info.Properties.Any(property =>
            value.TryGetProperty(property.Name, out JsonElement member)
            && member.ValueKind != JsonValueKind.Null && IsIn(member, property.PropertyType));

    private static bool IsNullOrHolds(JsonElement value, Type type) =>
        value.ValueKind == JsonValueKind.Null || IsIn(value, type);
}
