using System.Runtime.CompilerServices;
using Azure.Messaging.ServiceBus;

namespace Pipeline.Local.Management;

/// <summary>
/// Follows a subscription by looking and taking nothing, so that any number of people see every event: first what the
/// subscription still holds, then what comes.
/// </summary>
public static class EventPeek
{
    private const int PageSize = 100;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static async IAsyncEnumerable<ServiceBusReceivedMessage> FollowAsync(
        ServiceBusReceiver receiver, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long next = 0;
        while (true)
        {
            IReadOnlyList<ServiceBusReceivedMessage> page =
                await receiver.PeekMessagesAsync(PageSize, next, cancellationToken);
            foreach (ServiceBusReceivedMessage message in page)
            {
                next = message.SequenceNumber + 1;
                yield return message;
            }

            if (page.Count == 0) await Task.Delay(Interval, time, cancellationToken);
        }
    }
}
