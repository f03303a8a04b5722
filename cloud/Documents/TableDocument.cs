using System.Globalization;
using Azure.Data.Tables;
using Pipeline.Core.Json;

namespace Pipeline.Cloud.Documents;

/// <summary>
/// A JSON document inside a table row. A binary property holds at most 64 KiB and a row 1 MiB, so the bytes are cut
/// into numbered properties; columns that queries filter on are set beside them by the stores.
/// </summary>
public static class TableDocument
{
    /// <summary>Bytes of JSON that fit a row; 64 KiB of the row are left to keys and columns.</summary>
    public const int SizeBytesMaximum = ChunkSizeBytes * ChunksMaximum;

    private const int ChunkSizeBytes = 64 * 1024;
    private const int ChunksMaximum = 15;
    private const string Prefix = "Document";

    /// <summary>A new row with the document in it.</summary>
    /// <exception cref="InvalidDataException">The document does not fit a row.</exception>
    public static TableEntity Write<T>(string partition, string row, T value)
    {
        byte[] json = PipelineJson.Write(value);
        if (json.Length > SizeBytesMaximum)
        {
            throw new InvalidDataException(
                $"The {typeof(T).Name} of row '{partition}', '{row}' has {json.Length} bytes of JSON; a table row " +
                $"takes at most {SizeBytesMaximum}. Make the document smaller.");
        }

        var entity = new TableEntity(partition, row);
        for (int chunk = 0; chunk * ChunkSizeBytes < json.Length; chunk++)
        {
            int start = chunk * ChunkSizeBytes;
            entity[NameOf(chunk)] = json[start..Math.Min(start + ChunkSizeBytes, json.Length)];
        }

        return entity;
    }

    /// <summary>Reads what this pipeline itself has written.</summary>
    /// <exception cref="InvalidDataException">The row holds no such document.</exception>
    public static T Read<T>(TableEntity entity)
        where T : class =>
        PipelineJson.TryRead<T>(BytesOf(entity), out string? fault) ?? throw new InvalidDataException(
            $"The row '{entity.PartitionKey}', '{entity.RowKey}' cannot be read: {fault}");

    /// <summary>Reads a row that another party writes; null with the fault as a sentence.</summary>
    public static T? TryRead<T>(TableEntity entity, out string? fault)
        where T : class
    {
        byte[] json = BytesOf(entity);
        return JsonNulls.Refuse(PipelineJson.TryRead<T>(json, out fault), json, ref fault);
    }

    private static byte[] BytesOf(TableEntity entity)
    {
        using var json = new MemoryStream();
        for (int chunk = 0; chunk < ChunksMaximum; chunk++)
        {
            if (!entity.TryGetValue(NameOf(chunk), out object? value) || value is not byte[] bytes) break;
            json.Write(bytes);
        }

        return json.ToArray();
    }

    private static string NameOf(int chunk) => Prefix + chunk.ToString("D2", CultureInfo.InvariantCulture);
}
