using System.CommandLine;
using System.Text;
using Pipeline.Core.Json;
using Pipeline.Engines;
using Pipeline.Engines.OnnxRuntime;

namespace Pipeline.GpuWorker.Commands;

/// <summary>Says what this machine is and which lanes it can serve.</summary>
internal static class ProbeCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("probe", "Print what this machine is and which lanes it can serve.") { json };
        command.SetAction(parsed => Run(parsed.GetValue(json)));
        return command;
    }

    private static int Run(bool json)
    {
        BackendProbe probe = new OnnxRuntimeBackend(new OnnxRuntimeOptions()).Probe();
        var answer = new ProbeAnswer
        {
            Lanes = [.. probe.Targets.Select(t => $"{t}/{probe.Runtime}")],
            Providers = [.. probe.Providers],
            Library = probe.LibraryPath,
            Problem = probe.Problem?.Message,
        };
        if (json)
        {
            Console.WriteLine(Encoding.UTF8.GetString(PipelineJson.Write(answer)));
        }
        else
        {
            foreach (string lane in answer.Lanes) Console.WriteLine($"lane      {lane}");
            Console.WriteLine($"library   {answer.Library ?? "not found"}");
            Console.WriteLine($"providers {string.Join(", ", answer.Providers)}");
            if (answer.Problem is not null) Console.WriteLine($"problem   {answer.Problem}");
        }

        return answer.Problem is null ? 0 : 1;
    }

    private sealed record ProbeAnswer
    {
        public required string[] Lanes { get; init; }

        public required string[] Providers { get; init; }

        public required string? Library { get; init; }

        public required string? Problem { get; init; }
    }
}
