namespace Pipeline.Local.ServiceBus.Entities;

/// <summary>Somebody who receives from a queue. Called under the broker's lock: none of it may wait.</summary>
internal interface IMessageConsumer
{
    bool IsClosed { get; }

    /// <summary>Whether it can take a message now.</summary>
    bool IsReady { get; }

    /// <summary>Receive-and-delete instead of peek-lock.</summary>
    bool DeletesOnSend { get; }

    /// <summary>False: not sent, the message stays with the queue.</summary>
    bool TrySend(LockedMessage message);
}
