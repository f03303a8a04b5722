using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Encoding;
using Microsoft.Azure.Amqp.Framing;
using Pipeline.Local.ServiceBus.Entities;

namespace Pipeline.Local.ServiceBus.Wire;

/// <summary>Settlements as AMQP says them: by the state of a delivery, or by name in a request.</summary>
internal static class Settlements
{
    private const int MaxTextLength = 4096;

    private static readonly Dictionary<string, object> s_none = [];

    /// <exception cref="AmqpException">It is not a settlement, or one that is not implemented.</exception>
    public static Settlement Of(DeliveryState? state) => state switch
    {
        Accepted => new(SettlementKind.Complete, s_none),
        null or Released => new(SettlementKind.Release, s_none),
        Modified { UndeliverableHere: true } => throw ServiceBusErrors.NotImplemented("deferring a message"),
        Modified modified => new(SettlementKind.Abandon, Properties(modified.MessageAnnotations)),
        Rejected rejected => DeadLetter(rejected.Error),
        _ => throw ServiceBusErrors.NotImplemented($"settling as {state.GetType().Name}"),
    };

    /// <inheritdoc cref="Of"/>
    public static Settlement Named(string? status, AmqpMap request)
    {
        IReadOnlyDictionary<string, object> properties =
            request.TryGetValue(new MapKey("properties-to-modify"), out AmqpMap map) ? Properties(map) : s_none;
        return status switch
        {
            "completed" => new(SettlementKind.Complete, s_none),
            "abandoned" => new(SettlementKind.Abandon, properties),
            "suspended" => new(SettlementKind.DeadLetter, properties,
                Text(request, "deadletter-reason"), Text(request, "deadletter-description")),
            _ => throw ServiceBusErrors.NotImplemented($"disposition-status {status}"),
        };
    }

    private static Settlement DeadLetter(Error? error)
    {
        Dictionary<string, object> properties = Properties(error?.Info);
        string? reason = Take(ServiceBusErrors.DeadLetterReason) ?? PlainReason(error);
        string? description = Take(ServiceBusErrors.DeadLetterDescription) ?? PlainDescription(error);
        return new(SettlementKind.DeadLetter, properties, Cut(reason), Cut(description));

        string? Take(string name) => properties.Remove(name, out object? value) ? value as string : null;
    }

    // A client that rejects with a condition of its own means that condition as the reason.
    private static string? PlainReason(Error? error) =>
        error is null || error.Condition.Equals(ServiceBusErrors.DeadLetter) ? null : error.Condition.Value;

    private static string? PlainDescription(Error? error) =>
        error is null || error.Condition.Equals(ServiceBusErrors.DeadLetter) ? null : error.Description;

    private static Dictionary<string, object> Properties(IEnumerable<KeyValuePair<MapKey, object>>? map) =>
        map?.ToDictionary(p => p.Key.ToString(), p => p.Value, StringComparer.Ordinal) ?? [];

    private static string? Text(AmqpMap request, string name) =>
        request.TryGetValue(new MapKey(name), out string text) ? Cut(text) : null;

    private static string? Cut(string? text) => text?.Length > MaxTextLength ? text[..MaxTextLength] : text;
}
