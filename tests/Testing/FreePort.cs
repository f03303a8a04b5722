using System.Net;
using System.Net.Sockets;

namespace Pipeline.Testing;

/// <summary>Ports for programs that cannot be told port 0.</summary>
public static class FreePort
{
    /// <summary>
    /// A port that nothing listened on a moment ago. Prefer port 0 where the program can say which it got.
    /// </summary>
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
