using Microsoft.Extensions.Configuration;

namespace Microsoft.Azure.Functions.Worker.EmbeddedHost.Timers;

/// <summary>A schedule.</summary>
internal sealed record TimerTriggerBinding(
    TimerSchedule Schedule, string Text, bool RunOnStartup, bool UseMonitor) : TriggerBinding
{
    public override string Description => $"timerTrigger ({Text})";

    public override string TriggerTypes => "TimerInfo";

    public static TimerTriggerBinding Create(TimerTriggerAttribute trigger, IConfiguration configuration)
    {
        string text = SettingExpression.Resolve(trigger.Schedule, configuration);
        try
        {
            return new TimerTriggerBinding(TimerSchedule.Parse(text), text, trigger.RunOnStartup, trigger.UseMonitor);
        }
        catch (FormatException e)
        {
            throw new FunctionWorkerException($"has the schedule '{text}', which can't be read: {e.Message}", e);
        }
    }

    public override ParameterBinder? BindTrigger(Type type) =>
        type == typeof(TimerInfo) ? static context => context.Payload : null;
}
