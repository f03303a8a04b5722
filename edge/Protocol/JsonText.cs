using System.Text;
using System.Text.Json;

namespace Pipeline.Edge.Protocol;

/// <summary>Where a string lies in a request's JSON; text is only made of it for a sentence.</summary>
/// <param name="Start">Of its content, behind the quote.</param>
/// <param name="Length">-1 when it was not given.</param>
internal readonly record struct JsonText(int Start, int Length, bool IsEscaped)
{
    public static JsonText None => new(0, -1, false);

    public bool IsGiven => Length >= 0;

    /// <summary>Whether it says just this.</summary>
    public bool Is(ReadOnlySpan<byte> json, ReadOnlySpan<byte> text) =>
        IsEscaped ? Encoding.UTF8.GetBytes(In(json)).AsSpan().SequenceEqual(text) : json.Slice(Start, Length).SequenceEqual(text);

    /// <summary>Makes the text.</summary>
    public string In(ReadOnlySpan<byte> json)
    {
        if (!IsEscaped) return Encoding.UTF8.GetString(json.Slice(Start, Length));
        var reader = new Utf8JsonReader(json.Slice(Start - 1, Length + 2));
        reader.Read();
        return reader.GetString()!;
    }

    /// <summary>Writes it as a member.</summary>
    public void Write(Utf8JsonWriter writer, JsonEncodedText member, ReadOnlySpan<byte> json)
    {
        if (IsEscaped) writer.WriteString(member, In(json));
        else writer.WriteString(member, json.Slice(Start, Length));
    }
}
