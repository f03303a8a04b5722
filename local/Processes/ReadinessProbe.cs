using System.Net;
using System.Net.Sockets;

namespace Pipeline.Local.Processes;

/// <summary>Waits until a child does its work.</summary>
internal static class ReadinessProbe
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(40);
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(2) };

    /// <summary>Ends when the child is ready; runs until cancelled otherwise.</summary>
    public static async Task WaitAsync(ChildProcess child, Readiness readiness, CancellationToken cancellationToken)
    {
        if (readiness is ReadyLine)
        {
            await child.ReadyLinePrinted.WaitAsync(cancellationToken);
            return;
        }

        while (!await IsReadyAsync(readiness, cancellationToken)) await Task.Delay(Interval, cancellationToken);
    }

    private static async Task<bool> IsReadyAsync(Readiness readiness, CancellationToken cancellationToken)
    {
        try
        {
            switch (readiness)
            {
                case ReadyPorts(var ports):
                    foreach (int port in ports)
                    {
                        using var client = new TcpClient();
                        await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                    }

                    return true;
                case ReadyUrl(var url):
                    using (HttpResponseMessage answer = await Http.GetAsync(url, cancellationToken))
                    {
                        return answer.IsSuccessStatusCode;
                    }

                default:
                    return true;
            }
        }
        catch (Exception e) when (e is SocketException or HttpRequestException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
