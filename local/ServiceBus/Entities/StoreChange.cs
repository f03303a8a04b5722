using System.Text.Json.Serialization;

namespace Pipeline.Local.ServiceBus.Entities;

/// <summary>
/// One durable fact about an entity; facts replayed in order give the state again, without its locks. Kinds and members
/// are stored: add only.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Stored), "stored")]
[JsonDerivedType(typeof(Counted), "counted")]
[JsonDerivedType(typeof(Removed), "removed")]
[JsonDerivedType(typeof(Seen), "seen")]
[JsonDerivedType(typeof(Numbered), "numbered")]
internal abstract record StoreChange(string Path)
{
    /// <summary>The message as it now is; replaces an earlier one of the same sequence number.</summary>
    internal sealed record Stored(string Path, QueueMessage Message) : StoreChange(Path);

    internal sealed record Counted(string Path, long Sequence, int DeliveryCount) : StoreChange(Path);

    internal sealed record Removed(string Path, long Sequence) : StoreChange(Path);

    /// <summary>A MessageId that duplicate detection remembers.</summary>
    internal sealed record Seen(string Path, string MessageId, DateTimeOffset At) : StoreChange(Path);

    /// <summary>The next sequence number of all entities, so that none is given twice after a restart.</summary>
    internal sealed record Numbered(string Path, long Next) : StoreChange(Path);
}
