using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Core.Fleet;

/// <summary>
/// Counts that are mostly zero as a short JSON array: a negative number -n stands for n zeros, any other for itself. So a
/// fleet's histograms fit a table row.
/// </summary>
public sealed class ZeroRunConverter : JsonConverter<ImmutableArray<long>>
{
    /// <summary>More counts than this are no histogram.</summary>
    public const int LengthMaximum = 4096;

    public override ImmutableArray<long> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException("Counts are an array.");
        var counts = ImmutableArray.CreateBuilder<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long value))
                throw new JsonException("A count is a whole number.");
            long added = Math.Max(1, value == long.MinValue ? long.MaxValue : -value);
            if (counts.Count + added > LengthMaximum || counts.Count + added < 0)
                throw new JsonException($"There are more than {LengthMaximum} counts.");
            if (value >= 0) counts.Add(value);
            else counts.AddRange(new long[added]);
        }

        return counts.ToImmutable();
    }

    public override void Write(Utf8JsonWriter writer, ImmutableArray<long> value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        int zeros = 0;
        foreach (long count in value.IsDefault ? [] : value)
        {
            if (count == 0)
            {
                zeros++;
                continue;
            }

            if (zeros > 0) writer.WriteNumberValue(-zeros);
            zeros = 0;
            writer.WriteNumberValue(count);
        }

        if (zeros > 0) writer.WriteNumberValue(-zeros);
        writer.WriteEndArray();
    }
}
