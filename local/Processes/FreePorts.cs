using System.Net;
using System.Net.Sockets;

namespace Pipeline.Local.Processes;

/// <summary>
/// Ports of this machine that nobody listens on. They come from below the range that the system takes client ports
/// from, so that a port that is free now is still free when the child binds it, and again when it is restarted.
/// </summary>
public static class FreePorts
{
    private const int First = 20_000;
    private const int Count = 12_000;

    private static readonly Lock Gate = new();

    // Processes that start at the same time begin at different places.
    private static int next = (int)((uint)Environment.ProcessId * 2654435761u % Count);

    public static int Take()
    {
        lock (Gate)
        {
            for (int tries = 0; tries < Count; tries++)
            {
                int port = First + next;
                next = (next + 1) % Count;
                if (IsFree(port)) return port;
            }
        }

        throw new InvalidOperationException($"No port from {First} to {First + Count - 1} is free.");
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
