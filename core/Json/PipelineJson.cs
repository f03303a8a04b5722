using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Core.Json;

/// <summary>
/// The one spelling of every stored and sent shape: camelCase, enums by name, no nulls. By reflection, since the source
/// generator forgets the defaults of init-only properties (docs/decisions/0006-json.md).
/// </summary>
public static class PipelineJson
{
    /// <summary>The settings behind <see cref="Write"/> and <see cref="TryRead"/>, for those who stream.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    public static byte[] Write<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Options);

    /// <summary>Reads one value; null with the fault as a sentence when the bytes are not what the type asks for.</summary>
    public static T? TryRead<T>(ReadOnlySpan<byte> json, out string? fault)
        where T : class
    {
        try
        {
            T? value = JsonSerializer.Deserialize<T>(json, Options);
            fault = value is null ? "The document is null." : null;
            return value;
        }
        catch (JsonException e)
        {
            fault = $"The document is not a {typeof(T).Name}: {e.Message}";
            return null;
        }
    }

    /// <summary>Reads one value that this program itself has written.</summary>
    /// <exception cref="InvalidDataException">The bytes are not what the type asks for.</exception>
    public static T Read<T>(ReadOnlySpan<byte> json)
        where T : class =>
        TryRead<T>(json, out string? fault) ?? throw new InvalidDataException(fault);

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
            PropertyNameCaseInsensitive = false,
            RespectNullableAnnotations = true,
            MaxDepth = 32,
        };
        options.Converters.Add(new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false));
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
