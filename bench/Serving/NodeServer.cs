using System.Diagnostics;
using System.Globalization;
using Pipeline.Local.Environments;

namespace Pipeline.Bench.Serving;

/// <summary>A plain Node server on onnxruntime-node with the same model, as the thing to be faster than.</summary>
internal sealed class NodeServer : IDisposable
{
    private readonly Process process;

    private NodeServer(Process process, Uri address) => (this.process, Address) = (process, address);

    public Uri Address { get; }

    public static async Task<NodeServer> StartAsync(string modelPath, CancellationToken cancellationToken)
    {
        string script = RepositoryLayout.PathOf("bench", "Serving", "node-server.mjs");
        var start = new ProcessStartInfo("node", [script, modelPath]) { RedirectStandardOutput = true };
        Process process = Process.Start(start)!;
        string? line = await process.StandardOutput.ReadLineAsync(cancellationToken);
        if (line is null) throw new InvalidOperationException("The Node server did not start; what it said is above.");
        int port = int.Parse(line, CultureInfo.InvariantCulture);
        return new NodeServer(process, new Uri($"http://127.0.0.1:{port}"));
    }

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }
}
