using System.Collections.Concurrent;
using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Framing;
using Microsoft.Azure.Amqp.Sasl;
using Microsoft.Azure.Amqp.Transport;

namespace Pipeline.Local.ServiceBus.Wire;

/// <summary>
/// The AMQP side: accepts connections and turns each attached link into a publisher, a consumer or a request node.
/// Whoever reaches the port may do everything: tokens are taken and not looked at.
/// </summary>
internal sealed class AmqpServer : IRuntimeProvider, IDisposable
{
    private const int MaxConnections = 500;
    private const int MaxSessionsPerConnection = 1000;
    private const int MaxLinks = 5000;
    private const uint MaxFrameBytes = 64 * 1024;
    private const uint MaxRequestBytes = 1024 * 1024;
    private const uint IdleTimeoutMs = 4 * 60 * 1000;
    private const string CbsNode = "$cbs";
    private const string ManagementSuffix = "/$management";

    private readonly Broker _broker;
    private readonly AmqpSettings _settings = new();
    private readonly SocketListener _sockets;
    private readonly AmqpTransportListener _listener;
    private readonly ConcurrentDictionary<AmqpConnection, bool> _connections = new();
    private readonly ConcurrentDictionary<(AmqpConnection, string Node, string Name), SendingAmqpLink> _replies = new();
    private int _links;

    /// <exception cref="IOException">The port is taken.</exception>
    public AmqpServer(Broker broker, int port)
    {
        _broker = broker;
        _settings.RuntimeProvider = this;
        var sasl = new SaslTransportProvider();
        sasl.Versions.Add(AmqpConstants.DefaultProtocolVersion);
        sasl.AddHandler(new SaslAnonymousHandler());
        sasl.AddHandler(new SaslAnonymousHandler("MSSBCBS"));
        _settings.TransportProviders.Add(sasl);
        var amqp = new AmqpTransportProvider();
        amqp.Versions.Add(AmqpConstants.DefaultProtocolVersion);
        _settings.TransportProviders.Add(amqp);
        _sockets = new SocketListener(port, MaxConnections);
        _listener = new AmqpTransportListener([_sockets], _settings);
        _listener.Listen((listener, accepted) => _ = OpenConnectionAsync(accepted));
    }

    public int Port => _sockets.Port;

    public AmqpConnection CreateConnection(
        TransportBase transport, ProtocolHeader protocolHeader, bool isInitiator, AmqpSettings amqpSettings,
        AmqpConnectionSettings connectionSettings) =>
        new(transport, protocolHeader, isInitiator, amqpSettings, connectionSettings);

    public AmqpSession CreateSession(AmqpConnection connection, AmqpSessionSettings settings) =>
        throw new NotSupportedException("The server opens no sessions.");

    public AmqpLink CreateLink(AmqpSession session, AmqpLinkSettings settings)
    {
        string address = AddressOf(settings);
        if (Interlocked.Increment(ref _links) > MaxLinks)
        {
            Interlocked.Decrement(ref _links);
            throw new AmqpException(AmqpErrorCode.ResourceLimitExceeded,
                $"There are {MaxLinks} links already; close senders and receivers that are no longer used.");
        }

        // A client sends nothing before it knows the largest message.
        bool isRequest = address == CbsNode || IsManagement(address);
        if (settings.IsReceiver())
            settings.MaxMessageSize = isRequest ? MaxRequestBytes : MessageCodec.MaxMessageBytes;
        AmqpLink link = settings.IsReceiver()
            ? new ReceivingAmqpLink(session, settings)
            : new SendingAmqpLink(session, settings);
        link.SafeAddClosed((_, _) => Interlocked.Decrement(ref _links));
        return link;
    }

    public IAsyncResult BeginOpenLink(AmqpLink link, TimeSpan timeout, AsyncCallback callback, object state)
    {
        Attach(link);
        var done = new TaskCompletionSource(state);
        done.SetResult();
        callback(done.Task);
        return done.Task;
    }

    public void EndOpenLink(IAsyncResult result)
    {
    }

    public void Dispose()
    {
        _listener.Close();
        foreach (AmqpConnection connection in _connections.Keys) connection.Abort();
    }

    private async Task OpenConnectionAsync(TransportAsyncCallbackArgs accepted)
    {
        AmqpConnection connection = CreateConnection(
            accepted.Transport, (ProtocolHeader)accepted.UserToken, isInitiator: false, _settings,
            new AmqpConnectionSettings
            {
                ContainerId = "pipeline-service-bus",
                MaxFrameSize = MaxFrameBytes,
                ChannelMax = MaxSessionsPerConnection,
                IdleTimeOut = IdleTimeoutMs,
            });
        _connections.TryAdd(connection, true);
        connection.SafeAddClosed((_, _) => _connections.TryRemove(connection, out bool _));
        try
        {
            await connection.OpenAsync(AmqpConstants.DefaultTimeout);
        }
        catch (Exception e) when (e is AmqpException or IOException or InvalidOperationException or TimeoutException
            or System.Net.Sockets.SocketException or OperationCanceledException)
        {
            connection.SafeClose(e);
        }
    }

    private void Attach(AmqpLink link)
    {
        string address = AddressOf(link.Settings);
        if (address == CbsNode)
            AttachRequest(link, address, _ => Management.TokenAccepted());
        else if (IsManagement(address))
            AttachRequest(link, address, new Management(_broker, address[..^ManagementSuffix.Length]).Answer);
        else if (link is ReceivingAmqpLink publisher)
            Publisher.Attach(_broker, _broker.DestinationAt(address), publisher);
        else
            Consumer.Attach(_broker, _broker.QueueAt(address), (SendingAmqpLink)link);
    }

    private void AttachRequest(AmqpLink link, string node, Func<AmqpMessage, AmqpMessage> answer)
    {
        AmqpConnection connection = link.Session.Connection;
        if (link is SendingAmqpLink replies)
        {
            // The .NET client names its target in reply-to, the JavaScript client its link.
            string name = (replies.Settings.Target as Target)?.Address?.ToString() ?? replies.Name;
            var key = (connection, node, name);
            _replies[key] = replies;
            link.SafeAddClosed((_, _) => _replies.TryRemove(KeyValuePair.Create(key, replies)));
            return;
        }

        ((ReceivingAmqpLink)link).RegisterMessageListener(request =>
        {
            using (request)
            {
                ((ReceivingAmqpLink)link).AcceptMessage(request, settled: true, batchable: false);
                string replyTo = request.Properties?.ReplyTo?.ToString() ?? "";
                if (!_replies.TryGetValue((connection, node, replyTo), out SendingAmqpLink? reply)) return;
                AmqpMessage response = answer(request);
                response.Properties.CorrelationId = request.Properties?.MessageId;
                reply.SendMessageNoWait(response, new(Guid.NewGuid().ToByteArray()), AmqpConstants.NullBinary);
            }
        });
    }

    private static bool IsManagement(string address) =>
        address.EndsWith(ManagementSuffix, StringComparison.OrdinalIgnoreCase);

    private static string AddressOf(AmqpLinkSettings settings)
    {
        if (settings.Target is not (Target or null)) throw ServiceBusErrors.NotImplemented("transactions");
        Address? address = settings.IsReceiver()
            ? (settings.Target as Target)?.Address
            : (settings.Source as Source)?.Address;
        return address?.ToString()?.TrimStart('/') ?? throw new AmqpException(
            AmqpErrorCode.InvalidField, "The link has no address; name a queue, a topic or a subscription.");
    }
}
