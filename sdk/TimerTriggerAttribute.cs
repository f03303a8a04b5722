using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Calls the function by six NCRONTAB fields in UTC, a TimeSpan, or %Setting% with either.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class TimerTriggerAttribute(string schedule) : TriggerBindingAttribute
{
    public string Schedule { get; } = schedule;

    public bool RunOnStartup { get; set; }

    /// <summary>Whether <see cref="TimerInfo.ScheduleStatus"/> is kept.</summary>
    public bool UseMonitor { get; set; } = true;
}
