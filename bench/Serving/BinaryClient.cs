using System.Buffers.Text;
using System.Net.Sockets;
using System.Text;

namespace Pipeline.Bench.Serving;

/// <summary>
/// One connection that sends the same request again and again. It allocates nothing and does as little as can be, so that
/// what is measured is the edge.
/// </summary>
internal sealed class BinaryClient : IDisposable
{
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] answer = new byte[64 * 1024];
    private readonly byte[] request;

    public BinaryClient(Uri edge, string model, byte[] body, int jsonLength)
    {
        byte[] head = Encoding.ASCII.GetBytes(
            $"POST /v2/models/{model}/infer HTTP/1.1\r\nHost: {edge.Authority}\r\nx-user-id: {Guid.Empty}\r\n" +
            $"Content-Type: application/octet-stream\r\nInference-Header-Content-Length: {jsonLength}\r\n" +
            $"Content-Length: {body.Length}\r\n\r\n");
        request = [.. head, .. body];
        socket.Connect(edge.Host, edge.Port);
    }

    /// <summary>Sends the request and reads its whole answer.</summary>
    /// <exception cref="InvalidDataException">It is no inference.</exception>
    public void Send()
    {
        for (int sent = 0; sent < request.Length;) sent += socket.Send(request.AsSpan(sent));
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
        if (!head.StartsWith("HTTP/1.1 200 "u8) || at < 0 ||
            !Utf8Parser.TryParse(head[(at + "\r\nContent-Length: ".Length)..], out int bodyLength, out _))
        {
            throw new InvalidDataException($"The edge answered: {Encoding.UTF8.GetString(answer, 0, received)}");
        }

        while (received < headLength + bodyLength) received += Receive(received);
    }

    public void Dispose() => socket.Dispose();

    private int Receive(int at)
    {
        int count = socket.Receive(answer.AsSpan(at));
        return count > 0 ? count : throw new InvalidDataException("The edge closed the connection.");
    }
}
