using System.Diagnostics;

namespace Pipeline.Bench.Gating;

/// <summary>Keeps the processor busy.</summary>
internal static class BusyWork
{
    public static void For(TimeSpan duration)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < duration)
        {
        }
    }
}
