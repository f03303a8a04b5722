using System.Net;
using System.Net.Sockets;
using Microsoft.Azure.Amqp.Transport;

namespace Pipeline.Local.ServiceBus.Wire;

/// <summary>Accepts on 127.0.0.1, up to a number of connections at a time; more are closed at once.</summary>
internal sealed class SocketListener : TransportListener, IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly int _maxConnections;
    private int _connections;

    /// <exception cref="IOException">The port is taken.</exception>
    public SocketListener(int port, int maxConnections)
        : base("loopback-listener")
    {
        _maxConnections = maxConnections;
        try
        {
            _socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            _socket.Listen();
        }
        catch (SocketException e)
        {
            _socket.Dispose();
            throw new IOException($"The Service Bus emulator cannot listen on 127.0.0.1 port '{port}'; " +
                "give it another port, or 0 for a free one.", e);
        }
    }

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    public void Dispose() => _socket.Dispose();

    protected override void OnListen() => _ = AcceptAsync();

    protected override bool CloseInternal()
    {
        _socket.Dispose();
        return true;
    }

    protected override void AbortInternal() => _socket.Dispose();

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket accepted;
            try
            {
                accepted = await _socket.AcceptAsync();
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                if (e.SocketErrorCode == SocketError.OperationAborted) return;
                continue;
            }

            if (Interlocked.Increment(ref _connections) > _maxConnections)
            {
                Interlocked.Decrement(ref _connections);
                accepted.Dispose();
                continue;
            }

            accepted.NoDelay = true;
            var transport = new SocketTransport(accepted);
            transport.Closed += (_, _) => Interlocked.Decrement(ref _connections);
            transport.Open();
            OnTransportAccepted(new() { Transport = transport, CompletedSynchronously = true });
        }
    }
}
