using Pipeline.Cloud.Connections;
using Xunit;

namespace Pipeline.Testing;

/// <summary>
/// The storage emulator with every container and table in it, and the clients that open it. Share it over a test
/// assembly: <c>[assembly: AssemblyFixture(typeof(CloudFixture))]</c>; tests keep apart by <see cref="NewName"/>.
/// </summary>
public sealed class CloudFixture : IAsyncLifetime
{
    private int names;

    public AzuriteFixture Azurite { get; } = new();

    /// <summary>The settings of a program that works on this storage.</summary>
    public CloudOptions Options => new() { Storage = Azurite.ConnectionString };

    public CloudClients Clients { get; private set; } = null!;

    /// <summary>A name that no other test uses, fit for models and edges.</summary>
    public string NewName(string prefix) => $"{prefix}-{Interlocked.Increment(ref names)}";

    /// <summary>A target that no other test uses.</summary>
    public string NewTarget() => NewName("cpu-x64");

    public async ValueTask InitializeAsync()
    {
        await Azurite.InitializeAsync();
        Clients = new CloudClients(Options);
        await CloudSetup.EnsureAsync(Clients, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (Clients is not null) await Clients.DisposeAsync();
        await Azurite.DisposeAsync();
    }
}
