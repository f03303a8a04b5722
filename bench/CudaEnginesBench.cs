using System.Collections.Immutable;
using Pipeline.Bench.Cuda;
using Pipeline.Bench.Reporting;
using Pipeline.Engines;
using Pipeline.Engines.OnnxRuntime;

namespace Pipeline.Bench;

/// <summary>
/// ONNX Runtime's engines on a real CUDA device: whether tensors that stay there, graphs and TF32 are what they should be, and what
/// they take. The first thing that does not hold ends it.
/// </summary>
internal static class CudaEnginesBench
{
    private static readonly OnnxRuntimeOptions Options = new() { Provider = "cuda" };

    public static Task<BenchResult> RunAsync(BenchSettings settings, CancellationToken cancellationToken)
    {
        BackendProbe probe = new OnnxRuntimeBackend(Options).Probe();
        if (probe.Problem is { } problem) throw problem;
        if (probe.Driver is null || probe.CudaRuntime is null)
            throw new InvalidOperationException($"The probe does not know the driver ('{probe.Driver}') or CUDA ('{probe.CudaRuntime}').");

        var checks = new List<OrderedDictionary<string, object>>();
        foreach ((string name, Func<string> run) in new EngineChecks(Options, cancellationToken).All)
        {
            cancellationToken.ThrowIfCancellationRequested();
            checks.Add(new() { ["check"] = name, ["result"] = Named(settings, name, run) });
        }

        var times = new EngineTimes(Options, TimeSpan.FromSeconds(settings.Quick ? 0.3 : 1.5), cancellationToken);
        ImmutableArray<OrderedDictionary<string, object>> accuracy =
            [.. MeasuredModel.All.Select(m => Named(settings, $"{m.Name}: TF32", () => times.Accuracy(m)))];
        ImmutableArray<OrderedDictionary<string, object>> rows =
        [
            .. from model in MeasuredModel.All
               from batch in (int[])[model.Batches[0], model.Batches[^1]]
               from kind in (string[])["plain", "graphs", "tf32"]
               select Named(settings, $"{model.Name}-{batch} {kind}", () => times.Row(model, batch, kind)),
        ];
        ImmutableArray<OrderedDictionary<string, object>> lanes =
        [
            .. from kind in (string[])["plain", "graphs"]
               from count in (int[])[1, 2, 4]
               select Named(settings, $"{count} lanes {kind}", () => times.Lanes(MeasuredModel.All[0], 8, count, kind)),
        ];
        ImmutableArray<OrderedDictionary<string, object>> changes =
        [
            .. from model in MeasuredModel.All
               from kind in (string[])["plain", "graphs"]
               select Named(settings, $"{model.Name}: sizes in turns, {kind}", () => times.Changes(model, model.Batches[0], model.Batches[^1], kind)),
        ];
        return Task.FromResult(new BenchResult
        {
            Name = "cuda-engines",
            What = $"{probe.Runtime} on {probe.Targets[0]}, CUDA {probe.CudaRuntime}, driver {probe.Driver}",
            Tables =
            [
                new("what holds", [.. checks]),
                new("difference to the unoptimized model on the processor, TF32 off and on", accuracy),
                new("by CUDA events, two in flight; lane: one context's run by the wall clock", rows),
                new("lanes on threads of their own", lanes),
                new("runs of two sizes, each alone and both in turns", changes),
            ],
        });
    }

    /// <summary>What fails says which check it was.</summary>
    private static T Named<T>(BenchSettings settings, string name, Func<T> run)
    {
        settings.Say($"cuda-engines: {name}");
        try
        {
            return run();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new InvalidOperationException($"{name}: {(e is AggregateException many ? many.InnerException : e)!.Message}", e);
        }
    }
}
