using System.Diagnostics;
using System.Security.Cryptography;
using Pipeline.Engines.Cuda;

namespace Pipeline.Bench.Cuda;

/// <summary>Whether the CUDA binding does on this device what it says: each check throws when it does not.</summary>
internal static class CudaChecks
{
    private const int Bytes = 16 << 20;

    public static IReadOnlyList<(string Name, Func<string> Run)> All(bool quick) =>
    [
        ("bytes come back from the device as they went", RoundTrip),
        ("a captured chain of copies replays on new bytes", Replay),
        ("what cannot be captured leaves the stream usable", FailedCapture),
        ("events agree with the wall clock", EventsAndClock),
        ("more memory than there is: refused, and the next call works", TooMuch),
        ($"{Rounds(quick)} rounds of memory, stream and event leave nothing behind", () => NothingLeft(Rounds(quick))),
    ];

    private static int Rounds(bool quick) => quick ? 500 : 10_000;

    private static string RoundTrip()
    {
        using var stream = new CudaStream();
        using var from = new PinnedMemory(Bytes);
        using var to = new PinnedMemory(Bytes);
        using var device = new DeviceMemory(Bytes);
        using var other = new DeviceMemory(Bytes);
        RandomNumberGenerator.Fill(from.Span);
        stream.Copy(from, device, Bytes);
        stream.Copy(device, other, Bytes);
        stream.Fill(device, 7);
        stream.Copy(other, to, Bytes);
        stream.Synchronize();
        Require(from.Span.SequenceEqual(to.Span), "other bytes came back");
        return $"{Bytes >> 20} MiB";
    }

    private static string Replay()
    {
        using var stream = new CudaStream();
        using var from = new PinnedMemory(Bytes);
        using var to = new PinnedMemory(Bytes);
        using var device = new DeviceMemory(Bytes);
        using CudaGraph graph = CudaGraph.Capture(stream, () =>
        {
            stream.Copy(from, device, Bytes);
            stream.Copy(device, to, Bytes);
        });
        for (byte value = 1; value <= 3; value++)
        {
            from.Span.Fill(value);
            graph.Launch(stream);
            stream.Synchronize();
            Require(!to.Span.ContainsAnyExcept(value), "the graph copied other bytes");
        }

        return "3 launches";
    }

    private static string FailedCapture()
    {
        using var stream = new CudaStream();
        using var device = new DeviceMemory(Bytes);
        string message = Refused(() => CudaGraph.Capture(stream, stream.Synchronize).Dispose()).Message;
        stream.Fill(device, 1);
        stream.Synchronize();
        return message;
    }

    private static string EventsAndClock()
    {
        using var stream = new CudaStream();
        using var from = new PinnedMemory(Bytes);
        using var device = new DeviceMemory(Bytes);
        using var start = new CudaEvent();
        using var end = new CudaEvent();
        stream.Copy(from, device, Bytes);
        stream.Synchronize();
        long clock = Stopwatch.GetTimestamp();
        start.Record(stream);
        for (int i = 0; i < 200; i++) stream.Copy(from, device, Bytes);
        end.Record(stream);
        end.Synchronize();
        double wall = Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
        double onDevice = end.MillisecondsSince(start);
        Require(onDevice > 0 && onDevice <= wall, $"the events say {onDevice:0.00} ms, the clock {wall:0.00} ms");
        return $"{onDevice:0.00} ms of {wall:0.00} ms";
    }

    private static string TooMuch()
    {
        CudaException refused = Refused(() => new DeviceMemory(1L << 50).Dispose());
        Require(refused.IsOutOfMemory, refused.Message);
        new DeviceMemory(Bytes).Dispose();
        return refused.Message;
    }

    private static string NothingLeft(int rounds)
    {
        Round();
        long before = DeviceMemory.Available().FreeBytes;
        long processBefore = Environment.WorkingSet;
        for (int i = 0; i < rounds; i++) Round();
        long lost = before - DeviceMemory.Available().FreeBytes;
        Require(lost < Bytes, $"{lost} bytes of the device are lost");
        return $"device {lost} bytes, process {(Environment.WorkingSet - processBefore) >> 10} KiB more";
    }

    private static void Round()
    {
        using var stream = new CudaStream();
        using var done = new CudaEvent(timed: false);
        using var device = new DeviceMemory(Bytes);
        stream.Fill(device, 1);
        done.Record(stream);
        done.Synchronize();
    }

    private static CudaException Refused(Action action)
    {
        try
        {
            action();
        }
        catch (CudaException e)
        {
            return e;
        }

        throw new InvalidOperationException("It was not refused.");
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds) throw new InvalidOperationException(otherwise);
    }
}
