using Microsoft.Azure.Functions.Worker;

namespace Pipeline.Functions.Rollouts;

/// <summary>Looks at every rollout under way. A tick that is lost or runs twice changes nothing but the time it takes.</summary>
public sealed class RolloutTick(RolloutDriver driver)
{
    [Function(nameof(RolloutTick))]
    public Task RunAsync([TimerTrigger("%RolloutTickSchedule%")] TimerInfo timer, CancellationToken cancellationToken)
    {
        _ = timer;
        return driver.DriveAsync(cancellationToken);
    }
}
