using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Framing;
using Pipeline.Local.ServiceBus.Entities;

namespace Pipeline.Local.ServiceBus.Wire;

/// <summary>A link on which a client sends: each transfer is accepted once it is in the journal, or rejected.</summary>
internal static class Publisher
{
    /// <summary>The largest message or batch, as on the Standard tier.</summary>
    public const uint MaxMessageBytes = 256 * 1024;

    // The library cuts the link at its limit, which tells a client less than a rejection.
    private const uint CutOffBytes = 1024 * 1024;

    public static void Attach(Broker broker, Destination destination, ReceivingAmqpLink link)
    {
        link.Opened += (_, _) => link.Settings.MaxMessageSize = CutOffBytes;
        link.RegisterMessageListener(transfer =>
        {
            using (transfer)
            {
                Outcome outcome = AmqpConstants.AcceptedOutcome;
                try
                {
                    if (transfer.BytesTransfered > MaxMessageBytes)
                    {
                        throw new AmqpException(AmqpErrorCode.MessageSizeExceeded,
                            $"The message has {transfer.BytesTransfered} bytes; the most is {MaxMessageBytes}.");
                    }

                    broker.Send(destination, MessageCodec.ReadTransfer(transfer));
                }
                catch (AmqpException e)
                {
                    outcome = new Rejected { Error = e.Error };
                }

                link.DisposeMessage(transfer, outcome, settled: true, batchable: false);
            }
        });
    }
}
