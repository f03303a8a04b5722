using System.Buffers.Text;
using System.Net.Sockets;
using System.Text;

namespace Pipeline.Bench.Serving;

/// <summary>
/// One connection that sends the same request again and again. It allocates nothing and does as little as can be, so that
/// what is measured is the server.
/// </summary>
internal sealed class BinaryClient : IDisposable
{
    private readonly byte[] answer = new byte[64 * 1024];
    private readonly Uri server;
    private readonly byte[] request;
    private Socket? socket;

    public BinaryClient(Uri server, string model, byte[] body, int jsonLength)
    {
        this.server = server;
        byte[] head = Encoding.ASCII.GetBytes(
            $"POST /v2/models/{model}/infer HTTP/1.1\r\nHost: {server.Authority}\r\nx-user-id: {Guid.NewGuid()}\r\n" +
            $"Content-Type: application/octet-stream\r\nInference-Header-Content-Length: {jsonLength}\r\n" +
            $"Content-Length: {body.Length}\r\n\r\n");
        request = [.. head, .. body];
    }

    /// <summary>Why the last request failed; null when none has.</summary>
    public string? Fault { get; private set; }

    public void Connect()
    {
        socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(server.Host, server.Port);
    }

    /// <summary>Sends the request and reads its whole answer; false when it is no inference, or the connection broke.</summary>
    public bool TrySend()
    {
        try
        {
            if (socket is null) Connect();
            for (int sent = 0; sent < request.Length;) sent += socket!.Send(request.AsSpan(sent));
            return TryReceive();
        }
        catch (Exception e) when (e is SocketException or InvalidDataException)
        {
            Fault = e.Message;
            Dispose();
            return false;
        }
    }

    public void Dispose()
    {
        socket?.Dispose();
        socket = null;
    }

    private bool TryReceive()
    {
        int received = 0;
        int headLength;
        do
        {
            received += Receive(received);
            headLength = answer.AsSpan(0, received).IndexOf("\r\n\r\n"u8) + 4;
        }
        while (headLength < 4);

        ReadOnlySpan<byte> head = answer.AsSpan(0, headLength);
        int at = head.IndexOf("\r\nContent-Length: "u8);
        if (at < 0 || !Utf8Parser.TryParse(head[(at + "\r\nContent-Length: ".Length)..], out int bodyLength, out _))
            throw new InvalidDataException($"The server answered: {Encoding.UTF8.GetString(answer, 0, received)}");
        bool good = head.StartsWith("HTTP/1.1 200 "u8);
        if (!good) Fault = Encoding.UTF8.GetString(answer, 0, received);
        // Of a long answer only the count matters.
        for (int left = headLength + bodyLength - received; left > 0;)
            left -= Receive(at: 0, Math.Min(left, answer.Length));
        return good;
    }

    private int Receive(int at) => Receive(at, answer.Length - at);

    private int Receive(int at, int count)
    {
        int received = socket!.Receive(answer.AsSpan(at, count));
        return received > 0 ? received : throw new InvalidDataException("The server closed the connection.");
    }
}
