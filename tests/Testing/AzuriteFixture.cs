using System.Globalization;
using Xunit;

namespace Pipeline.Testing;

/// <summary>
/// Microsoft's storage emulator as a child process on free ports, with everything in memory. Most tests want
/// <see cref="CloudFixture"/>, which brings clients, containers and tables along.
/// </summary>
public sealed class AzuriteFixture : IAsyncLifetime
{
    private const string Account = "devstoreaccount1";

    // The emulator's well-known key: public, the same on every machine.
    private const string Key =
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private readonly TemporaryFolder folder = new();
    private ChildProcess? azurite;

    /// <summary>The ports it listens on: blob, queue, table.</summary>
    public (int Blob, int Queue, int Table) Ports { get; private set; }

    public string ConnectionString => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};
        BlobEndpoint=http://127.0.0.1:{Ports.Blob}/{Account};
        QueueEndpoint=http://127.0.0.1:{Ports.Queue}/{Account};
        TableEndpoint=http://127.0.0.1:{Ports.Table}/{Account};
        """).ReplaceLineEndings("");

    /// <summary>What it wrote, for the message of a test that fails.</summary>
    public string Output => azurite?.Output ?? "";

    public async ValueTask InitializeAsync()
    {
        azurite = ChildProcess.Start(
            "node",
            [
                Repository.PathOf("node_modules", "azurite", "dist", "src", "azurite.js"),
                "--silent", "--disableTelemetry", "--skipApiVersionCheck", "--inMemoryPersistence",
                "--blobPort", "0", "--queuePort", "0", "--tablePort", "0",
            ],
            workingFolder: folder.Root);
        Ports = (await PortAsync("Blob"), await PortAsync("Queue"), await PortAsync("Table"));
    }

    public async ValueTask DisposeAsync()
    {
        if (azurite is not null) await azurite.DisposeAsync();
        folder.Dispose();
    }

    private async Task<int> PortAsync(string service)
    {
        string prefix = $"Azurite {service} service is successfully listening at ";
        string line = await azurite!.WaitForLineAsync(
            l => l.StartsWith(prefix, StringComparison.Ordinal),
            $"Azurite's {service} service listens",
            CancellationToken.None);
        return new Uri(line[prefix.Length..]).Port;
    }
}
