using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Core.Naming;

/// <summary>A lane is its text in every stored and sent shape.</summary>
public sealed class LaneJsonConverter : JsonConverter<Lane>
{
    public override Lane Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Lane.TryParse(reader.GetString(), out Lane lane)
            ? lane
            : throw new JsonException("A lane is written target/runtime, such as 'cpu-x64-avx2/ort-1.29.0-cpu'.");

    public override void Write(Utf8JsonWriter writer, Lane value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
