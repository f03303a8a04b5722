using System.CommandLine;
using System.Text;
using Pipeline.Core.Json;
using Pipeline.Engines;
using Pipeline.Engines.Cuda;
using Pipeline.Engines.OnnxRuntime;

namespace Pipeline.GpuWorker.Commands;

/// <summary>Says what this machine is, which lanes it can serve, and why not others.</summary>
internal static class ProbeCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("probe", "Print what this machine is, which lanes it can serve, and why not others.") { json };
        command.SetAction(parsed => Run(parsed.GetValue(json)));
        return command;
    }

    private static int Run(bool json)
    {
        BackendProbe[] probes =
            [.. OnnxRuntimeOptions.Providers.Select(p => new OnnxRuntimeBackend(new OnnxRuntimeOptions { Provider = p }).Probe())];
        CudaDevices cuda = CudaDevices.Find();
        var answer = new ProbeAnswer
        {
            Lanes = [.. probes.SelectMany(p => p.Targets.Select(t => $"{t}/{p.Runtime}"))],
            Gpus = [.. cuda.Devices],
            CudaRuntime = cuda.RuntimeVersion,
            CudaDriver = cuda.DriverVersion,
            Library = probes[0].LibraryPath,
            Problems = [.. probes.Select(p => p.Problem?.Message).OfType<string>().Distinct()],
        };
        if (json) Console.WriteLine(Encoding.UTF8.GetString(PipelineJson.Write(answer)));
        else Print(answer);
        return answer.Lanes.Length > 0 ? 0 : 1;
    }

    private static void Print(ProbeAnswer answer)
    {
        foreach (string lane in answer.Lanes) Console.WriteLine($"lane    {lane}");
        foreach (CudaDevice gpu in answer.Gpus)
        {
            Console.WriteLine(
                $"gpu     {gpu.Ordinal}: {gpu.Name}, {gpu.MemoryBytes >> 20} MiB, {gpu.Multiprocessors} multiprocessors, {gpu.Uuid}");
        }

        if (answer.CudaRuntime is not null) Console.WriteLine($"cuda    runtime {answer.CudaRuntime}, driver for {answer.CudaDriver}");
        Console.WriteLine($"library {answer.Library ?? "not found"}");
        foreach (string problem in answer.Problems) Console.WriteLine($"without {problem}");
    }

    private sealed record ProbeAnswer
    {
        public required string[] Lanes { get; init; }

        public required CudaDevice[] Gpus { get; init; }

        public required string? CudaRuntime { get; init; }

        public required string? CudaDriver { get; init; }

        public required string? Library { get; init; }

        /// <summary>Why the other lanes are not served, a sentence each.</summary>
        public required string[] Problems { get; init; }
    }
}
