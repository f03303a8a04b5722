using Microsoft.Azure.Functions.Worker;

namespace Pipeline.Functions.Reconciling;

/// <summary>Heals what lost messages left behind; a tick that is lost or runs twice changes nothing but the time it takes.</summary>
public sealed class ReconcileTick(Reconciler reconciler)
{
    [Function(nameof(ReconcileTick))]
    public Task RunAsync([TimerTrigger("%ReconcileTickSchedule%")] TimerInfo timer, CancellationToken cancellationToken)
    {
        _ = timer;
        return reconciler.ReconcileAsync(cancellationToken);
    }
}
