namespace Pipeline.Local.ServiceBus.Entities;

internal enum SettlementKind
{
    Complete,
    Abandon,

    /// <summary>Given back without counting the delivery.</summary>
    Release,
    DeadLetter,
}

/// <summary>What a receiver decided about a message it holds.</summary>
/// <param name="Properties">Application properties to add or replace.</param>
internal sealed record Settlement(
    SettlementKind Kind,
    IReadOnlyDictionary<string, object> Properties,
    string? Reason = null,
    string? Description = null);
