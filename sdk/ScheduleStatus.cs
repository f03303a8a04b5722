namespace Microsoft.Azure.Functions.Worker;

/// <summary>The run before, the run after, and when that was noted; UTC.</summary>
public class ScheduleStatus
{
    public DateTime Last { get; set; }

    public DateTime Next { get; set; }

    public DateTime LastUpdated { get; set; }
}
