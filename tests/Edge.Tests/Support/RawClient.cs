using System.Buffers.Text;
using System.Net.Sockets;
using System.Text;

namespace Pipeline.Edge.Tests.Support;

/// <summary>One connection that sends the same bytes again and again and allocates nothing.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] answer = new byte[64 * 1024];
    private readonly byte[] request;

    public RawClient(Uri address, string path, ReadOnlySpan<byte> json, ReadOnlySpan<byte> binary)
    {
        byte[] head = Encoding.ASCII.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: {address.Authority}\r\nx-user-id: {Guid.Empty}\r\n" +
            $"Content-Type: application/octet-stream\r\nInference-Header-Content-Length: {json.Length}\r\n" +
            $"Content-Length: {json.Length + binary.Length}\r\n\r\n");
        request = [.. head, .. json, .. binary];
        socket.Connect(address.Host, address.Port);
    }

    /// <summary>The last answer's body.</summary>
    public ReadOnlySpan<byte> Body => answer.AsSpan(BodyStart, BodyLength);

    private int BodyStart { get; set; }

    private int BodyLength { get; set; }

    /// <summary>Sends the request and reads its whole answer; false when its status is another than 200.</summary>
    public bool Ask()
    {
        for (int sent = 0; sent < request.Length;) sent += socket.Send(request.AsSpan(sent));
        int received = 0;
        do
        {
            received += Receive(received);
            BodyStart = answer.AsSpan(0, received).IndexOf("\r\n\r\n"u8) + 4;
        }
        while (BodyStart < 4);

        ReadOnlySpan<byte> head = answer.AsSpan(0, BodyStart);
        int at = head.IndexOf("\r\nContent-Length: "u8);
        if (at < 0 || !Utf8Parser.TryParse(head[(at + "\r\nContent-Length: ".Length)..], out int length, out _)) return false;
        BodyLength = length;
        while (received < BodyStart + length) received += Receive(received);
        return head.StartsWith("HTTP/1.1 200 "u8);
    }

    public void Dispose() => socket.Dispose();

    private int Receive(int at)
    {
        int count = socket.Receive(answer.AsSpan(at));
        return count > 0 ? count : throw new IOException("The server closed the connection.");
    }
}
