using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Encoding;

namespace Pipeline.Local.ServiceBus.Wire;

/// <summary>The error conditions and names that Service Bus adds to AMQP, and its replies' status codes.</summary>
internal static class ServiceBusErrors
{
    public const string DeadLetterReason = "DeadLetterReason";
    public const string DeadLetterDescription = "DeadLetterErrorDescription";

    public static readonly AmqpSymbol ArgumentOutOfRange = "com.microsoft:argument-out-of-range";
    public static readonly AmqpSymbol DeadLetter = "com.microsoft:dead-letter";
    public static readonly AmqpSymbol LockLost = "com.microsoft:message-lock-lost";
    public static readonly AmqpSymbol NoSuchMessage = "com.microsoft:message-not-found";

    public static AmqpException MessageLockLost() => new(LockLost,
        "The lock of the message has expired or the message was settled already; it may have been delivered again.");

    public static AmqpException EntityNotFound(string path) => new(AmqpErrorCode.NotFound,
        $"The messaging entity '{path}' could not be found; declare it in the emulator's options.");

    public static AmqpException NotImplemented(string what) => new(AmqpErrorCode.NotImplemented,
        $"The local Service Bus does not implement '{what}'; see docs/decisions/0002-service-bus-emulator.md.");

    /// <summary>The HTTP-like status that goes with a condition in a reply.</summary>
    public static int StatusOf(AmqpSymbol condition) => condition.Value switch
    {
        "amqp:not-found" or "com.microsoft:message-not-found" => 404,
        "com.microsoft:message-lock-lost" => 410,
        "amqp:resource-limit-exceeded" or "amqp:link:message-size-exceeded" => 403,
        "amqp:not-implemented" => 501,
        "amqp:internal-error" => 500,
        _ => 400,
    };
}
