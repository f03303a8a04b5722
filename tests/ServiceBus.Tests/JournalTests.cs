using Pipeline.Local.ServiceBus.Entities;
using Pipeline.Local.ServiceBus.Storage;

namespace Pipeline.ServiceBus.Tests;

public sealed class JournalTests
{
    private static readonly DateTimeOffset s_at = new(2026, 1, 2, 3, 4, 5, 6, TimeSpan.Zero);

    private const string StoredMessage = """
        "message":{"sequence":7,"payload":"AQID","enqueuedAt":"2026-01-02T03:04:05.006+00:00",
        "visibleAt":"2026-01-02T03:04:05.006+00:00","expiresAt":"9999-12-31T23:59:59.9999999+00:00","deliveryCount":2
        """;

    // What a journal on disk holds today has to be readable for ever: add lines, change none.
    private static readonly (string Line, StoreChange Change)[] s_frozen =
    [
        ($$$"""[{"kind":"stored",{{{StoredMessage}}}},"path":"q"}]""",
            new StoreChange.Stored("q", Message(deadLetter: null))),
        ($$$"""
            [{"kind":"stored",{{{StoredMessage}}},"deadLetter":{"reason":"r","description":"d","source":"q"}},
            "path":"q/$deadletterqueue"}]
            """,
            new StoreChange.Stored("q/$deadletterqueue", Message(new("r", "d", "q")))),
        ("""[{"kind":"counted","sequence":7,"deliveryCount":3,"path":"q"}]""", new StoreChange.Counted("q", 7, 3)),
        ("""[{"kind":"removed","sequence":7,"path":"q"}]""", new StoreChange.Removed("q", 7)),
        ("""[{"kind":"seen","messageId":"id","at":"2026-01-02T03:04:05.006+00:00","path":"q"}]""",
            new StoreChange.Seen("q", "id", s_at)),
        ("""[{"kind":"numbered","next":8,"path":""}]""", new StoreChange.Numbered("", 8)),
    ];

    [Fact]
    public void Changes_OfEveryKind_KeepTheirStoredForm()
    {
        string directory = Directory.CreateTempSubdirectory("journal-").FullName;
        try
        {
            using (var journal = new Journal(directory))
            {
                foreach ((string _, StoreChange change) in s_frozen) journal.Append([change]);
            }

            string[] lines = File.ReadAllLines(Path.Combine(directory, "servicebus.journal"));
            Assert.Equal(s_frozen.Select(f => f.Line.ReplaceLineEndings("")), lines.Select(l => l[9..]));
            Assert.Equal("0d04778a", lines[^1][..8]);
            using var again = new Journal(directory);
            Assert.Equivalent(s_frozen.Select(f => f.Change).ToArray(), again.Read().ToArray(), strict: true);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void Journal_GrownFarBeyondItsContent_AsksForCompactionAndShrinks()
    {
        string directory = Directory.CreateTempSubdirectory("journal-").FullName;
        try
        {
            using var journal = new Journal(directory);
            StoreChange large = new StoreChange.Stored("q", Message(null) with { Payload = new byte[1024 * 1024] });
            for (int i = 0; i < 60 && !journal.WantsCompaction; i++) journal.Append([large]);
            Assert.True(journal.WantsCompaction);
            journal.Compact([large]);
            Assert.False(journal.WantsCompaction);
            journal.Append([new StoreChange.Removed("q", 7)]);
            journal.Dispose();
            using var again = new Journal(directory);
            Assert.Equal(2, again.Read().Count());
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static QueueMessage Message(DeadLetterCause? deadLetter) => new()
    {
        Sequence = 7,
        Payload = [1, 2, 3],
        EnqueuedAt = s_at,
        VisibleAt = s_at,
        ExpiresAt = DateTimeOffset.MaxValue,
        DeliveryCount = 2,
        DeadLetter = deadLetter,
    };
}
