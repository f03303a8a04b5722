using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Framing;
using Pipeline.Local.ServiceBus.Entities;

namespace Pipeline.Local.ServiceBus.Wire;

/// <summary>A link on which a client sends: each transfer is accepted once it is in the journal, or rejected.</summary>
internal static class Publisher
{
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
                    MessageCodec.CheckSize(transfer.BytesTransfered);
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
