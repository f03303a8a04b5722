using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microsoft.Azure.Functions.Worker.EmbeddedHost;

/// <summary>
/// Lets running invocations finish after the app was told to stop, and cancels those that are still running
/// <see cref="Margin"/> before the host would leave without them.
/// </summary>
internal sealed class ShutdownGrace : IDisposable
{
    public static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _over = new();
    private readonly CancellationTokenRegistration _registration;

    public ShutdownGrace(IHostApplicationLifetime lifetime, IOptions<HostOptions> options)
    {
        TimeSpan grace = options.Value.ShutdownTimeout - Margin;
        _registration = lifetime.ApplicationStopping.Register(
            () => _over.CancelAfter(grace > TimeSpan.Zero ? grace : TimeSpan.Zero));
    }

    /// <summary>Cancelled when the grace is over.</summary>
    public CancellationToken Over => _over.Token;

    public void Dispose()
    {
        _registration.Dispose();
        _over.Dispose();
    }
}
