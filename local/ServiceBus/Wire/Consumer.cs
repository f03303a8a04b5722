using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Framing;
using Pipeline.Local.ServiceBus.Entities;

namespace Pipeline.Local.ServiceBus.Wire;

/// <summary>
/// A link on which a client receives. It gets messages as long as it has given credit; it settles by the delivery tag,
/// which is the lock token. A closed link leaves its locks to expire.
/// </summary>
internal sealed class Consumer : IMessageConsumer
{
    private readonly Broker _broker;
    private readonly MessageQueue _queue;
    private readonly SendingAmqpLink _link;
    private volatile bool _closed;
    private bool _draining;

    private Consumer(Broker broker, MessageQueue queue, SendingAmqpLink link)
    {
        (_broker, _queue, _link) = (broker, queue, link);
        // Takes no lock: it can come from inside the library, on a thread that holds the library's.
        link.SafeAddClosed((_, _) => _closed = true);
        link.RegisterCreditListener((_, drain, _) => OnCredit(drain));
        link.RegisterDispositionListener(OnDisposition);
    }

    public bool IsClosed => _closed;

    public bool IsReady => !_closed && !_draining && _link.LinkCredit > 0;

    public bool DeletesOnSend => _link.Settings.SettleType == SettleMode.SettleOnSend;

    /// <exception cref="AmqpException">It asks for a session.</exception>
    public static void Attach(Broker broker, MessageQueue queue, SendingAmqpLink link)
    {
        if ((link.Settings.Source as Source)?.FilterSet?.Any() == true)
            throw ServiceBusErrors.NotImplemented("sessions and other filters on a receiver");
        broker.Add(queue, new Consumer(broker, queue, link));
    }

    public bool TrySend(LockedMessage message)
    {
        AmqpMessage delivery = MessageCodec.Compose(message.Message, MessageState.Locked, message.Until);
        delivery.DeliveryTag = message.Token.ToByteArray();
        return _link.TrySendDelivery(delivery);
    }

    // The library answers a drain, and takes the credit back, after this returns: nothing may be sent in between.
    private void OnCredit(bool drain)
    {
        _broker.Update(() => _draining = false);
        if (drain) _broker.Update(() => _draining = true);
    }

    private void OnDisposition(Delivery delivery)
    {
        if (DeletesOnSend || delivery.State is Received) return;
        Outcome answer = AmqpConstants.AcceptedOutcome;
        try
        {
            _broker.Settle(_queue, new Guid(delivery.DeliveryTag), Settlements.Of(delivery.State));
        }
        catch (AmqpException e)
        {
            answer = new Rejected { Error = e.Error };
        }

        if (delivery.Settled) return;
        delivery.Batchable = false;
        _link.DisposeDelivery(delivery, settled: true, answer);
    }
}
