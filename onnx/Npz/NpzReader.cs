using System.Collections.Immutable;
using System.IO.Compression;

namespace Pipeline.Onnx.Npz;

/// <summary>
/// Reads golden and calibration files: numpy's npz, stored or deflated, without ever unpickling anything.
/// </summary>
public static class NpzReader
{
    private const string Extension = ".npy";
    private const int MaxNameLength = 1024;
    private const int ChunkBytes = 1 << 20;

    /// <summary>More than numpy needs for the names and places of 1024 arrays.</summary>
    private const long DirectoryBytes = 2 << 20;

    /// <summary>
    /// Reads all arrays of a seekable stream. What is wrong with the file comes back as a fault; only the stream's own
    /// exceptions are thrown. Nothing is believed that a header declares: memory grows with the bytes that are there.
    /// </summary>
    public static NpzContent Read(Stream stream, NpzLimits? limits)
    {
        if (!stream.CanSeek)
            throw new ArgumentException("An npz file is read from its end: give a seekable stream.", nameof(stream));
        try
        {
            return new NpzContent { Arrays = ReadAll(stream, limits ?? NpzLimits.Default) };
        }
        catch (NpzFaultException e)
        {
            return new NpzContent { Fault = e.Message };
        }
        catch (EndOfStreamException)
        {
            return new NpzContent { Fault = "The npz file ends in the middle of an array; upload it again, whole." };
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException or ArgumentException)
        {
            return new NpzContent { Fault = "The file cannot be read as npz (zip); save it with numpy.savez." };
        }
    }

    private static ImmutableArray<NpyArray> ReadAll(Stream stream, NpzLimits limits)
    {
        var budget = new DirectoryBudgetStream(stream, DirectoryBytes);
        using var zip = new ZipArchive(budget, ZipArchiveMode.Read, leaveOpen: true);
        if (zip.Entries.Count > limits.MaxArrays)
        {
            throw new NpzFaultException(
                $"The npz file holds {zip.Entries.Count} arrays; at most {limits.MaxArrays} are accepted.");
        }

        budget.Lift();
        var arrays = ImmutableArray.CreateBuilder<NpyArray>(zip.Entries.Count);
        var names = new HashSet<string>(StringComparer.Ordinal);
        long left = limits.MaxTotalBytes;
        foreach (ZipArchiveEntry entry in zip.Entries)
        {
            NpyArray array = ReadEntry(entry, limits, left);
            if (!names.Add(array.Name)) throw NpyHeader.Fault(array.Name, "occurs twice");
            left -= array.Data.Length;
            arrays.Add(array);
        }

        return arrays.MoveToImmutable();
    }

    private static NpyArray ReadEntry(ZipArchiveEntry entry, NpzLimits limits, long left)
    {
        string file = entry.FullName;
        if (file.Length > MaxNameLength)
            throw NpyHeader.Fault(file, $"has a name longer than {MaxNameLength} characters");
        if (!file.EndsWith(Extension, StringComparison.Ordinal) || file.Length == Extension.Length)
            throw NpyHeader.Fault(file, "is not an .npy entry; save the file with numpy.savez");
        string name = file[..^Extension.Length];
        using Stream data = entry.Open();
        NpyHeader header = NpyHeader.Read(data, name, limits);
        long length = header.DataBytes;
        if (length < 0 || length > Math.Min(left, Array.MaxLength))
            throw NpyHeader.Fault(name, $"is too large: all arrays together may take {limits.MaxTotalBytes} bytes");
        byte[] bytes = ReadGrowing(data, length);
        if (data.ReadByte() >= 0)
            throw NpyHeader.Fault(name, $"holds more than the {length} bytes that its shape asks for");
        return new NpyArray { Name = name, ElementType = header.ElementType, Shape = header.Shape, Data = bytes };
    }

    /// <summary>
    /// A header that promises a gigabyte in a file of a hundred bytes costs one chunk, not a gigabyte.
    /// </summary>
    private static byte[] ReadGrowing(Stream data, long length)
    {
        byte[] bytes = new byte[Math.Min(length, ChunkBytes)];
        int filled = 0;
        while (true)
        {
            data.ReadExactly(bytes.AsSpan(filled));
            filled = bytes.Length;
            if (filled == length) return bytes;
            Array.Resize(ref bytes, (int)Math.Min(length, 2L * filled));
        }
    }
}
