using System.Net;

namespace Pipeline.Edge;

/// <summary>
/// One of the addresses to listen on. The server takes what it does not understand for "port 80 of every network", so what is
/// neither an IP address nor a name of such is refused before.
/// </summary>
internal static class ListenAddress
{
    public const string Rule =
        "http://ADDRESS:PORT, where ADDRESS is an IP address, 'localhost', or '*' for all; encryption is done in front of an edge";

    /// <summary>Reads one; null when it is none.</summary>
    public static BindingAddress? TryParse(string text)
    {
        try
        {
            BindingAddress address = BindingAddress.Parse(text);
            bool isRead = address is { Scheme: "http", PathBase: "", IsUnixPipe: false, IsNamedPipe: false }
                && address.Port is >= 0 and <= IPEndPoint.MaxPort
                && (address.Host is "localhost" or "*" or "+" || IPAddress.TryParse(address.Host, out _))
                // A name has no port of its own choice: it stands for two addresses.
                && address is not { Host: "localhost", Port: 0 };
            return isRead ? address : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>Where this machine itself reaches it.</summary>
    public static Uri FromHere(BindingAddress address)
    {
        bool isAll = address.Host is "*" or "+" || (IPAddress.TryParse(address.Host, out IPAddress? ip)
            && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)));
        return new UriBuilder(address.Scheme, isAll ? "127.0.0.1" : address.Host, address.Port).Uri;
    }
}
