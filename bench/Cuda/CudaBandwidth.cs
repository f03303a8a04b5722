using System.Diagnostics;
using System.Globalization;
using Pipeline.Engines.Cuda;

namespace Pipeline.Bench.Cuda;

/// <summary>How fast pinned memory is copied, measured by events; the program of bench/gpu/bandwidth.cu does the same without .NET.</summary>
internal static class CudaBandwidth
{
    private const int Bytes = 256 << 20;
    private const int Copies = 20;

    /// <summary>Gigabytes a second to the device and back.</summary>
    public static (double ToDevice, double ToHost) Measure()
    {
        using var stream = new CudaStream();
        using var host = new PinnedMemory(Bytes);
        using var device = new DeviceMemory(Bytes);
        return (Measure(stream, () => stream.Copy(host, device, Bytes)), Measure(stream, () => stream.Copy(device, host, Bytes)));
    }

    /// <summary>What the other program says: two numbers on a line.</summary>
    public static (double ToDevice, double ToHost) MeasureBeside(string program)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string[] words = process.StandardOutput.ReadToEnd().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        return words is [var to, var back] && process.ExitCode == 0
            ? (double.Parse(to, CultureInfo.InvariantCulture), double.Parse(back, CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"'{program}' gave no two numbers; it ended with {process.ExitCode}.");
    }

    private static double Measure(CudaStream stream, Action copy)
    {
        using var start = new CudaEvent();
        using var end = new CudaEvent();
        copy();
        start.Record(stream);
        for (int i = 0; i < Copies; i++) copy();
        end.Record(stream);
        end.Synchronize();
        return (double)Bytes * Copies / end.MillisecondsSince(start) / 1e6;
    }
}
