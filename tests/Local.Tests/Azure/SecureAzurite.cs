using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Pipeline.Testing;

namespace Pipeline.Local.Tests.Azure;

/// <summary>Microsoft's storage emulator over HTTPS, asking for tokens in the form of Entra's as Azure does.</summary>
internal sealed class SecureAzurite : IAsyncDisposable
{
    private const string Account = "devstoreaccount1";

    private readonly TemporaryFolder folder = new();
    private ChildProcess? azurite;

    /// <summary>The certificate, for a process that is to trust it.</summary>
    public string CertificatePath => folder.PathOf("certificate.pem");

    public Uri Blobs { get; private set; } = null!;

    public static async Task<SecureAzurite> StartAsync()
    {
        var emulator = new SecureAzurite();
        emulator.WriteCertificate();
        emulator.azurite = ChildProcess.Start(
            "node",
            [
                Repository.PathOf("node_modules", "azurite", "dist", "src", "blob", "main.js"),
                "--silent", "--disableTelemetry", "--skipApiVersionCheck", "--inMemoryPersistence", "--blobPort", "0",
                "--oauth", "basic", "--cert", emulator.CertificatePath, "--key", emulator.folder.PathOf("key.pem"),
            ],
            workingFolder: emulator.folder.Root);
        const string Listens = "successfully listen";
        string line = await emulator.azurite.WaitForLineAsync(
            l => l.Contains(Listens, StringComparison.Ordinal), "Azurite listens", TestContext.Current.CancellationToken);
        emulator.Blobs = new Uri($"https://127.0.0.1:{new Uri(line[line.IndexOf("https://", StringComparison.Ordinal)..]).Port}/{Account}");
        return emulator;
    }

    /// <summary>Container models, made when it is not there.</summary>
    public async Task<BlobContainerClient> ModelsAsync()
    {
        (string token, _) = IdentityDouble.TokenFor("https://storage.azure.com");
        using X509Certificate2 trusted = X509CertificateLoader.LoadCertificateFromFile(CertificatePath);
        string thumbprint = trusted.Thumbprint;
        var handler = new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, certificate, _, _) => certificate?.Thumbprint == thumbprint,
        };
        var options = new BlobClientOptions { Transport = new HttpClientTransport(handler) };
        var container = new BlobServiceClient(Blobs, new TokenCredentialDouble { Fixed = token }, options).GetBlobContainerClient("models");
        await container.CreateIfNotExistsAsync(cancellationToken: TestContext.Current.CancellationToken);
        return container;
    }

    public async ValueTask DisposeAsync()
    {
        if (azurite is not null) await azurite.DisposeAsync();
        folder.Dispose();
    }

    private void WriteCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(CertificatePath, certificate.ExportCertificatePem());
        File.WriteAllText(folder.PathOf("key.pem"), key.ExportPkcs8PrivateKeyPem());
    }
}
