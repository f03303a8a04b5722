using System.Collections.Immutable;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Pipeline.Core.Fleet;
using Pipeline.Edge.Routing;
using Pipeline.Edge.Sources;
using Pipeline.Engines;

namespace Pipeline.Edge.Measuring;

/// <summary>
/// Tells the fleet table about this edge: at each interval, at once when something changed, and a last time when the
/// requests in flight have ended.
/// </summary>
internal sealed partial class FleetReporter(
    IFleetSink sink, EdgeState state, StatisticsBook statistics, EdgeCounters counters, BackendProbe machine, EdgeOptions options,
    IServer server, IHostApplicationLifetime lifetime, ILogger<FleetReporter> logger) : BackgroundService
{
    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim changed = new(0, 1);
    private readonly string startId = Guid.NewGuid().ToString("N");
    private readonly StepBaselines steps = new();
    private string? edgeId;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        // The host's time may be used up by the last requests; what they did is to be told all the same.
        await SendAsync(CancellationToken.None);
    }

    public override void Dispose()
    {
        state.Changed -= Wake;
        base.Dispose();
        changed.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        state.Changed += Wake;
        // Without a configured name the port is part of it, and that is known once the server listens.
        await Task.Delay(Timeout.InfiniteTimeSpan, lifetime.ApplicationStarted).ContinueWith(
            _ => { }, stoppingToken, TaskContinuationOptions.None, TaskScheduler.Default);
        while (!stoppingToken.IsCancellationRequested)
        {
            await SendAsync(stoppingToken);
            await changed.WaitAsync(options.ReportInterval, stoppingToken);
        }
    }

    private void Wake()
    {
        try
        {
            changed.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        foreach (FleetReport report in Reports()) await SendAsync(report, cancellationToken);
    }

    private async Task SendAsync(FleetReport report, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(SendTimeout);
        try
        {
            await sink.ReportAsync(report, timeout.Token);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            counters.CountReportFailure();
            Log.ReportFailed(logger, e.Message);
        }
    }

    /// <summary>
    /// One for the narrowest target, which is what this machine is, and one for each wider target that has routes; the first names
    /// the others. Each tells what is routed by its target alone, so that a rollout sees only the edges that it moves.
    /// </summary>
    private ImmutableArray<FleetReport> Reports()
    {
        // The routes first: counts read before them could leave requests of an earlier step to the new one.
        RouteTable table = state.Table;
        ImmutableArray<VersionCounters> counted = [.. statistics.All.Select(s => s.ToCounters())];
        ImmutableArray<(string Target, StepBaseline Step)> begun = steps.Follow(table.Models.Values, counted);
        edgeId ??= EdgeId();
        ILookup<bool, string> wider = options.Followed.Skip(1)
            .ToLookup(t => table.RevisionOf(t) > 0 || state.SnapshotFaultOf(t) is not null);
        return
        [
            ReportOn(options.Followed[0]) with { WiderTargets = [.. wider[false]] },
            .. wider[true].Select(ReportOn),
        ];

        FleetReport ReportOn(string target) => new()
        {
            Edge = edgeId,
            Target = target,
            Runtime = options.Runtime,
            Driver = machine.Driver,
            StartId = startId,
            Revision = table.RevisionOf(target),
            SnapshotFault = state.SnapshotFaultOf(target),
            Engines = [.. table.Statuses.Where(s => TargetOf(table, s.Model) == target)],
            Counters = [.. counted.Where(c => TargetOf(table, c.Model) == target)],
            Steps = [.. begun.Where(s => s.Target == target).Select(s => s.Step)],
        };
    }

    /// <summary>What is routed no longer is told with the narrowest.</summary>
    private string TargetOf(RouteTable table, string model) =>
        table.Models.TryGetValue(model, out ModelRoute? route) ? route.Target : options.Followed[0];

    private string EdgeId()
    {
        if (options.EdgeId is { } configured) return configured;
        string? address = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault();
        return address is null ? Environment.MachineName : $"{Environment.MachineName}-{new Uri(address).Port}";
    }

    private static partial class Log
    {
        [LoggerMessage(
            LogLevel.Warning, "The fleet report could not be sent: {Reason} The next one carries the same counts.")]
        public static partial void ReportFailed(ILogger logger, string reason);
    }
}
