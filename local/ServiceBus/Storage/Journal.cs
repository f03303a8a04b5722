using System.Buffers.Binary;
using System.Numerics;
using Pipeline.Local.ServiceBus.Entities;

namespace Pipeline.Local.ServiceBus.Storage;

/// <summary>
/// The append-only file of changes. One frame is one operation: length, CRC-32C, changes; so an operation is durable
/// whole or not at all. A frame cut short by a kill is dropped at the next start; damage before the end is an error.
/// Every append reaches the operating system, not the disk: it survives the process, not a power cut.
/// </summary>
internal sealed class Journal : IDisposable
{
    private const int FrameHeaderBytes = 8;
    private const int MaxFrameBytes = 256 * 1024 * 1024;
    private const long MinCompactionBytes = 64 * 1024 * 1024;

    private readonly string _path;
    private FileStream _file;
    private long _compactAt;

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
        _file.Position = 0;
        byte[] header = new byte[FrameHeaderBytes];
        while (_file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length)
        {
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(header);
            if (length > _file.Length - _file.Position) yield break;
            byte[] body = new byte[length];
            _file.ReadExactly(body);
            if (Checksum(body) != BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(4)))
            {
                if (_file.Position == _file.Length) yield break;
                throw new InvalidDataException($"The journal '{_path}' is damaged before byte {_file.Position}; " +
                    "restore it from a copy, or delete it to start with empty entities.");
            }

            foreach (StoreChange change in ChangeCodec.Decode(body)) yield return change;
        }
    }

    public void Append(IReadOnlyCollection<StoreChange> changes)
    {
        if (changes.Count > 0) Write(_file, changes);
    }

    /// <summary>Replaces the file by one that holds only these changes.</summary>
    public void Compact(IEnumerable<StoreChange> snapshot)
    {
        string building = _path + ".building";
        FileStream next = Open(building, FileMode.Create);
        foreach (StoreChange[] part in snapshot.Chunk(64)) Write(next, part);
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

    private static void Write(FileStream file, IEnumerable<StoreChange> changes)
    {
        using var frame = new MemoryStream();
        frame.SetLength(FrameHeaderBytes);
        frame.Position = FrameHeaderBytes;
        ChangeCodec.Encode(frame, changes);
        Span<byte> bytes = frame.GetBuffer().AsSpan(0, (int)frame.Length);
        ReadOnlySpan<byte> body = bytes[FrameHeaderBytes..];
        if (body.Length > MaxFrameBytes) throw new IOException($"One operation has {body.Length} bytes of changes.");
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)body.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], Checksum(body));
        file.Write(bytes);
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        for (; bytes.Length >= 8; bytes = bytes[8..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (byte b in bytes) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
