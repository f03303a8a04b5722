using System.Diagnostics;
using Pipeline.Core.Json;

namespace Pipeline.Bench.Serving;

/// <summary>
/// The clients, in a process of their own: one thread and one connection each. Takes an order a line, answers a line.
/// </summary>
internal static class LoadGenerator
{
    /// <summary>The word that starts this program as the generator.</summary>
    public const string Verb = "load-generator";

    private const int StackSizeBytes = 256 * 1024;

    public static int Run()
    {
        using Stream output = Console.OpenStandardOutput();
        while (Console.ReadLine() is { } line)
        {
            LoadOrder order = PipelineJson.Read<LoadOrder>(System.Text.Encoding.UTF8.GetBytes(line));
            output.Write([.. PipelineJson.Write(Run(order)), (byte)'\n']);
            output.Flush();
        }

        return 0;
    }

    private static LoadAnswer Run(LoadOrder order)
    {
        byte[] body = File.ReadAllBytes(order.BodyPath);
        var clients = new BinaryClient[order.Clients];
        var microseconds = new List<int>[order.Clients];
        int failed = 0;
        using var ready = new Barrier(order.Clients + 1);
        long opens = 0;
        long closes = 0;
        Thread[] threads = [.. Enumerable.Range(0, order.Clients).Select(i => new Thread(() => Loop(i), StackSizeBytes))];
        for (int i = 0; i < order.Clients; i++)
        {
            clients[i] = new BinaryClient(order.Server, order.Model, body, order.JsonLength);
            clients[i].Connect();
            microseconds[i] = new List<int>(4096);
            threads[i].Start();
        }

        opens = Stopwatch.GetTimestamp() + (long)(order.RampSeconds * Stopwatch.Frequency);
        closes = opens + (long)(order.Seconds * Stopwatch.Frequency);
        ready.SignalAndWait();
        foreach (Thread thread in threads) thread.Join();
        foreach (BinaryClient client in clients) client.Dispose();
        return new LoadAnswer
        {
            Microseconds = [.. microseconds.SelectMany(m => m)],
            Failed = failed,
            Fault = clients.Select(c => c.Fault).FirstOrDefault(f => f is not null),
            Seconds = order.Seconds,
        };

        void Loop(int i)
        {
            ready.SignalAndWait();
            for (long now = Stopwatch.GetTimestamp(); now < closes;)
            {
                long before = now;
                bool good = clients[i].TrySend();
                now = Stopwatch.GetTimestamp();
                if (!good) Interlocked.Increment(ref failed);
                else if (now >= opens && now < closes)
                    microseconds[i].Add((int)Stopwatch.GetElapsedTime(before, now).TotalMicroseconds);
            }
        }
    }
}
