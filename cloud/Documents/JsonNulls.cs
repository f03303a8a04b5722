using System.Text.Json;

namespace Pipeline.Cloud.Documents;

/// <summary>
/// The pipeline writes no nulls (docs/decisions/0006-json.md), and the serializer does not see one that lies inside an
/// array; so what another party wrote is looked through for them.
/// </summary>
internal static class JsonNulls
{
    /// <param name="json">A document that has been read already, so that it is known to be JSON.</param>
    public static bool IsIn(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 64 });
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.Null) return true;
        }

        return false;
    }
}
