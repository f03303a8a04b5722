using System.IO.Compression;

namespace Pipeline.Onnx.Npz;

/// <summary>Writes npz files that numpy reads; equal arrays give equal bytes.</summary>
public static class NpzWriter
{
    private static readonly DateTimeOffset Timestamp = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Writes the arrays in their order, deflated. The stream stays open.</summary>
    public static void Write(Stream stream, IEnumerable<NpyArray> arrays)
    {
        using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        foreach (NpyArray array in arrays)
        {
            var header = new NpyHeader(array.ElementType, array.Shape);
            if (NpyTypes.Describe(array.ElementType) is null)
                throw new NotSupportedException($"'{array.Name}' holds {array.ElementType}, which npy files cannot.");
            if (header.DataBytes != array.Data.Length)
                throw new ArgumentException($"'{array.Name}' has data that does not fill its shape.", nameof(arrays));
            ZipArchiveEntry entry = zip.CreateEntry(array.Name + ".npy", CompressionLevel.Fastest);
            entry.LastWriteTime = Timestamp;
            using Stream data = entry.Open();
            data.Write(header.ToBytes());
            data.Write(array.Data.Span);
        }
    }
}
