using Pipeline.GpuWorker.Jobs;

namespace Pipeline.GpuWorker.Commands;

/// <summary>Says on standard error what is under way: each stage, and each tenth of one.</summary>
internal sealed class ConsoleProgress : IProgress<JobProgress>
{
    private readonly Lock gate = new();
    private (string Stage, int Tenths)? last;

    public void Report(JobProgress value)
    {
        lock (gate)
        {
            // Without a share there is nothing new to say of the same stage.
            int tenths = (int)((value.Fraction ?? 0) * 10);
            if (value.Fraction is null && last?.Stage == value.Stage) return;
            if (last == (value.Stage, tenths)) return;
            last = (value.Stage, tenths);
            Console.Error.WriteLine(tenths is > 0 and < 10 ? $"{value.Stage} {tenths * 10} %" : $"{value.Stage} ...");
        }
    }
}
