using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Local.ServiceBus.Entities;

namespace Pipeline.Local.ServiceBus.Storage;

/// <summary>
/// The append-only file of changes. One line is one operation: a CRC-32C and the changes as JSON; so an operation is
/// durable whole or not at all. A line cut short by a kill is dropped at the next start; damage before the end is an
/// error. Every append reaches the operating system, not the disk: it survives the process, not a power cut.
/// </summary>
internal sealed class Journal : IDisposable
{
    private const long MinCompactionBytes = 64 * 1024 * 1024;

    private readonly string _path;
    private FileStream _file;
    private long _compactAt = MinCompactionBytes;

    /// <exception cref="IOException">Another emulator uses the folder.</exception>
    public Journal(string directory)
    {
        Directory.CreateDirectory(directory);
        _path = Path.Combine(directory, "servicebus.journal");
        _file = Open(_path, FileMode.OpenOrCreate);
    }

    /// <summary>Whether the file has grown enough to be written anew.</summary>
    public bool WantsCompaction => _file.Length > _compactAt;

    /// <summary>All changes from the start of the file.</summary>
    /// <exception cref="InvalidDataException">The file is damaged before its end.</exception>
    public IEnumerable<StoreChange> Read()
    {
        using var reader = new StreamReader(_file, Encoding.UTF8, false, bufferSize: 64 * 1024, leaveOpen: true);
        for (int number = 1; reader.ReadLine() is { } line; number++)
        {
            StoreChange[]? changes = Parse(line);
            if (changes is null && reader.EndOfStream) yield break;
            if (changes is null)
            {
                throw new InvalidDataException($"Line {number} of the journal '{_path}' is damaged; " +
                    "restore the file from a copy, or delete it to start empty.");
            }

            foreach (StoreChange change in changes) yield return change;
        }
    }

    public void Append(IReadOnlyCollection<StoreChange> changes)
    {
        if (changes.Count > 0) _file.Write(Line([.. changes]));
    }

    /// <summary>Replaces the file by one that holds only these changes.</summary>
    public void Compact(IEnumerable<StoreChange> snapshot)
    {
        string building = _path + ".building";
        FileStream next = Open(building, FileMode.Create);
        foreach (StoreChange change in snapshot) next.Write(Line([change]));
        next.Flush(flushToDisk: true);
        File.Move(building, _path, overwrite: true);
        _file.Dispose();
        _file = next;
        _compactAt = Math.Max(MinCompactionBytes, 2 * next.Length);
    }

    public void Dispose() => _file.Dispose();

    // Unbuffered, so that a returned write is with the operating system.
    private static FileStream Open(string path, FileMode mode) =>
        new(path, mode, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);

    private static byte[] Line(StoreChange[] changes)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(changes, ChangeJson.Default.StoreChangeArray);
        return [.. Encoding.UTF8.GetBytes($"{Checksum(json):x8} "), .. json, (byte)'\n'];
    }

    private static StoreChange[]? Parse(string line)
    {
        if (line.Length < 9 || !uint.TryParse(line.AsSpan(0, 8), NumberStyles.HexNumber, null, out uint expected))
            return null;
        byte[] json = Encoding.UTF8.GetBytes(line, 9, line.Length - 9);
        return Checksum(json) == expected
            ? JsonSerializer.Deserialize(json, ChangeJson.Default.StoreChangeArray)
            : null;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(bytes)) crc = BitOperations.Crc32C(crc, word);
        foreach (byte b in bytes[(bytes.Length & ~7)..]) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoreChange[]))]
internal sealed partial class ChangeJson : JsonSerializerContext;
