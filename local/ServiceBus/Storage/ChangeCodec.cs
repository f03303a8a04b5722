using System.Text;
using Pipeline.Local.ServiceBus.Entities;

namespace Pipeline.Local.ServiceBus.Storage;

/// <summary>The bytes of changes in the journal. The kinds and their layout are stored: add only.</summary>
internal static class ChangeCodec
{
    private const byte Stored = 1, Counted = 2, Removed = 3, Seen = 4, Numbered = 5;

    public static void Encode(Stream stream, IEnumerable<StoreChange> changes)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        foreach (StoreChange change in changes)
        {
            switch (change)
            {
                case StoreChange.Stored stored:
                    Start(Stored);
                    WriteMessage(writer, stored.Message);
                    break;
                case StoreChange.Counted counted:
                    Start(Counted);
                    writer.Write(counted.Sequence);
                    writer.Write(counted.DeliveryCount);
                    break;
                case StoreChange.Removed removed:
                    Start(Removed);
                    writer.Write(removed.Sequence);
                    break;
                case StoreChange.Seen seen:
                    Start(Seen);
                    writer.Write(seen.MessageId);
                    writer.Write(seen.At.UtcTicks);
                    break;
                case StoreChange.Numbered numbered:
                    Start(Numbered);
                    writer.Write(numbered.Next);
                    break;
            }

            void Start(byte kind)
            {
                writer.Write(kind);
                writer.Write(change.Path);
            }
        }
    }

    public static IEnumerable<StoreChange> Decode(byte[] body)
    {
        using var reader = new BinaryReader(new MemoryStream(body), Encoding.UTF8);
        while (reader.BaseStream.Position < body.Length)
        {
            byte kind = reader.ReadByte();
            string path = reader.ReadString();
            yield return kind switch
            {
                Stored => new StoreChange.Stored(path, ReadMessage(reader)),
                Counted => new StoreChange.Counted(path, reader.ReadInt64(), reader.ReadInt32()),
                Removed => new StoreChange.Removed(path, reader.ReadInt64()),
                Seen => new StoreChange.Seen(path, reader.ReadString(), Time(reader)),
                Numbered => new StoreChange.Numbered(reader.ReadInt64()),
                _ => throw new InvalidDataException(
                    $"The journal has a change of unknown kind '{kind}'; a newer version wrote it, use that one."),
            };
        }
    }

    private static void WriteMessage(BinaryWriter writer, QueueMessage message)
    {
        writer.Write(message.Sequence);
        writer.Write(message.EnqueuedAt.UtcTicks);
        writer.Write(message.VisibleAt.UtcTicks);
        writer.Write(message.ExpiresAt.UtcTicks);
        writer.Write(message.DeliveryCount);
        writer.Write(message.DeadLetter is not null);
        if (message.DeadLetter is { } cause)
        {
            writer.Write(cause.Source);
            WriteOptional(writer, cause.Reason);
            WriteOptional(writer, cause.Description);
        }

        writer.Write(message.Payload.Length);
        writer.Write(message.Payload);
    }

    private static QueueMessage ReadMessage(BinaryReader reader) => new()
    {
        Sequence = reader.ReadInt64(),
        EnqueuedAt = Time(reader),
        VisibleAt = Time(reader),
        ExpiresAt = Time(reader),
        DeliveryCount = reader.ReadInt32(),
        DeadLetter = reader.ReadBoolean() ? ReadCause(reader) : null,
        Payload = reader.ReadBytes(reader.ReadInt32()),
    };

    private static DeadLetterCause ReadCause(BinaryReader reader)
    {
        string source = reader.ReadString();
        return new(ReadOptional(reader), ReadOptional(reader), source);
    }

    private static void WriteOptional(BinaryWriter writer, string? text)
    {
        writer.Write(text is not null);
        if (text is not null) writer.Write(text);
    }

    private static string? ReadOptional(BinaryReader reader) => reader.ReadBoolean() ? reader.ReadString() : null;

    private static DateTimeOffset Time(BinaryReader reader) => new(reader.ReadInt64(), TimeSpan.Zero);
}
