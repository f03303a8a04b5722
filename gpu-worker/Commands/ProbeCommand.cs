using System.Collections.Immutable;
using System.CommandLine;
using System.Text;
using Pipeline.Core.Json;
using Pipeline.Engines.Cuda;

namespace Pipeline.GpuWorker.Commands;

/// <summary>Says what this machine is, which lanes it can serve, and why not others.</summary>
internal static class ProbeCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("probe", "Print what this machine is, which lanes it can serve, and why not others.") { json };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(json), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(bool json, CancellationToken cancellationToken)
    {
        ImmutableArray<RuntimeProbe> probes;
        try
        {
            probes = await RuntimeProbes.AllAsync(EngineSettings.ReadEnvironment(), cancellationToken);
        }
        catch (InvalidOperationException e)
        {
            await Console.Error.WriteLineAsync($"The settings are wrong: {e.Message}");
            return 2;
        }

        CudaDevices cuda = CudaDevices.Find();
        var answer = new ProbeAnswer
        {
            Lanes = [.. probes.SelectMany(p => p.Targets.Select(t => $"{t}/{p.Runtime}"))],
            Gpus = [.. cuda.Devices],
            CudaRuntime = cuda.RuntimeVersion,
            CudaDriver = cuda.DriverVersion,
            Library = probes[0].Library,
            Problems = [.. probes.Select(p => p.Problem).OfType<string>().Distinct()],
            Runtimes = probes,
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
        if (answer.Runtimes.Select(r => r.Driver).FirstOrDefault(d => d is not null) is { } driver) Console.WriteLine($"driver  {driver}");
        Console.WriteLine($"library {answer.Library ?? "not found"}");
        foreach (IGrouping<string?, RuntimeProbe> same in answer.Runtimes.Where(r => r.Problem is not null).GroupBy(r => r.Problem))
            Console.WriteLine($"without {string.Join(", ", same.Select(r => r.Name))}: {same.Key}");
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

        public required ImmutableArray<RuntimeProbe> Runtimes { get; init; }
    }
}
