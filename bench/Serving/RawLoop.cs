using System.Diagnostics;
using Pipeline.Engines;

namespace Pipeline.Bench.Serving;

/// <summary>One engine run again and again on one thread, at the batch size that gives the most items a second.</summary>
internal sealed class RawLoop : IDisposable
{
    private static readonly int[] Batches = [1, 2, 4, 8, 16];

    private readonly IEngine engine;
    private readonly Tensor[] inputs;

    private RawLoop(IEngine engine, Tensor[] inputs, int batch) =>
        (this.engine, this.inputs, Batch) = (engine, inputs, batch);

    public int Batch { get; }

    /// <summary>Tries the batch sizes in turns and keeps the best.</summary>
    public static RawLoop Create(IEngine engine, ServedModel model, TimeSpan turn, CancellationToken cancellationToken)
    {
        RawLoop[] loops =
            [.. Batches.Select(b => new RawLoop(engine, [model.CreateInput(b)], b))];
        var rates = loops.ToDictionary(l => l, _ => new List<double>());
        foreach (RawLoop loop in loops) loop.Run(turn / 4);
        for (int round = 0; round < 3; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (RawLoop loop in loops) rates[loop].Add(loop.Run(turn));
        }

        return loops.MaxBy(l => rates[l].Order().ElementAt(1))!;
    }

    /// <summary>Items a second.</summary>
    public double Run(TimeSpan duration)
    {
        long start = Stopwatch.GetTimestamp();
        int runs = 0;
        TimeSpan elapsed;
        do
        {
            engine.Run(inputs, CancellationToken.None).Dispose();
            runs++;
            elapsed = Stopwatch.GetElapsedTime(start);
        }
        while (elapsed < duration);

        return runs * Batch / elapsed.TotalSeconds;
    }

    public void Dispose() => engine.Dispose();
}
