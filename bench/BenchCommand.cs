using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Pipeline.Bench.Reporting;
using Pipeline.Core.Json;

namespace Pipeline.Bench;

/// <summary>
/// <c>./pipeline bench</c>: runs the measurements that were asked for, one after another. Exit code 1 when one could not be
/// made; a goal that is missed is told, and no failure: machines differ.
/// </summary>
internal static class BenchCommand
{
    private const string Gpu = "cuda";
    private const string GpuEngines = "cuda-engines";

    private static readonly Dictionary<string, Func<BenchSettings, CancellationToken, Task<BenchResult>>> Benches = new()
    {
        ["promotions"] = PromotionsBench.RunAsync,
        ["route"] = RouteBench.RunAsync,
        ["inspect"] = InspectBench.RunAsync,
        ["edge"] = EdgeBench.RunAsync,
        ["gate"] = GateBench.RunAsync,
        ["rollout"] = RolloutBench.RunAsync,
        ["fleet"] = FleetBench.RunAsync,
        [Gpu] = CudaBench.RunAsync,
        [GpuEngines] = CudaEnginesBench.RunAsync,
    };

    private static readonly Argument<string[]> Names = new Argument<string[]>("NAME")
    {
        Description = "What to measure; when none is named, everything but cuda and cuda-engines, which need a GPU",
        Arity = ArgumentArity.ZeroOrMore,
    }.AcceptOnlyFromAmong([.. Benches.Keys]);

    private static readonly Option<bool> Json = new("--json")
    {
        Description = "Print one JSON document to standard output, and the tables to standard error",
    };

    private static readonly Option<bool> Quick = new("--quick") { Description = "Fewer and shorter runs, to see that it works" };

    private static readonly Option<int?> Trials = new("--trials") { Description = "gate: decisions on each kind of engine (100)" };

    private static readonly Option<string?> Beside = new("--beside")
    {
        Description = "cuda: a program that measures the same without .NET (bench/gpu/bandwidth.cu)",
    };

    public static async Task<int> RunAsync(string[] arguments)
    {
        var bench = new Command("bench", "Measures the pipeline on this machine.") { Names, Json, Quick, Trials, Beside };
        bench.SetAction(MeasureAsync);
        // Under the script's name, so that the help shows what a person types.
        ParseResult parse = new Command("./pipeline") { new HelpOption(), bench }.Parse(["bench", .. arguments]);
        if (parse.Action is ParseErrorAction)
        {
            foreach (ParseError error in parse.Errors) await Console.Error.WriteLineAsync(error.Message);
            return 2;
        }

        return await parse.InvokeAsync(new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = TimeSpan.FromSeconds(60),
        });
    }

    private static async Task<int> MeasureAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        bool json = parse.GetValue(Json);
        TextWriter text = json ? Console.Error : Console.Out;
        var settings = new BenchSettings
        {
            Quick = parse.GetValue(Quick),
            Trials = parse.GetValue(Trials),
            Beside = parse.GetValue(Beside),
            Say = Console.Error.WriteLine,
        };
        MachineFacts machine = MachineFacts.Read();
        await text.WriteLineAsync(machine.ToString());
        var results = new List<BenchResult>();
        foreach (string name in parse.GetValue(Names) is { Length: > 0 } asked ? asked.Distinct() : Benches.Keys.Where(n => n is not (Gpu or GpuEngines)))
        {
            BenchResult result = await MeasureAsync(name, settings, cancellationToken);
            ReportText.Write(text, result);
            results.Add(result);
        }

        if (json)
        {
            byte[] document = PipelineJson.Write(new { machine, quick = settings.Quick, benches = results });
            await using Stream output = Console.OpenStandardOutput();
            await output.WriteAsync((byte[])[.. document, (byte)'\n'], CancellationToken.None);
        }

        return results.All(r => r.Error is null) ? 0 : 1;
    }

    private static async Task<BenchResult> MeasureAsync(
        string name, BenchSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            return await Benches[name](settings, cancellationToken);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The other measurements are still worth having.
            string error = cancellationToken.IsCancellationRequested ? "Stopped before it was done." : e.Message;
            return new BenchResult { Name = name, What = "", Error = error };
        }
    }
}
