using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Framing;
using Pipeline.Local.ServiceBus.Entities;

namespace Pipeline.Local.ServiceBus.Wire;

/// <summary>A link on which a client sends: each transfer is accepted once it is in the journal, or rejected.</summary>
internal static class Publisher
{
    public static void Attach(Broker broker, Destination destination, ReceivingAmqpLink link) =>
        link.RegisterMessageListener(transfer =>
        {
            using (transfer)
            {
                Outcome outcome = AmqpConstants.AcceptedOutcome;
                try
                {
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
