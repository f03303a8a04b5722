using System.Collections.Immutable;
using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Pipeline.Core.Builds;
using Pipeline.Core.Gates;
using Pipeline.Core.Json;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;
using Pipeline.Engines;
using Pipeline.Engines.OnnxRuntime;
using Pipeline.GpuWorker.Jobs;
using Pipeline.Onnx.Inspection;

namespace Pipeline.GpuWorker.Commands;

/// <summary>Builds, checks and measures one file on this machine, without any cloud.</summary>
internal static class BuildCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "The ONNX model; external data beside it." };
        var policy = new Option<FileInfo?>("--policy") { Description = "A promotion.json; the defaults without." };
        var golden = new Option<FileInfo[]>("--golden") { Description = "Golden inputs (.npz); may be repeated." };
        var output = new Option<FileInfo?>("--output") { Description = "Where the engine goes (FILE.engine)." };
        var provider = new Option<string>("--provider")
        {
            Description = "Where ONNX Runtime runs it: cpu, cuda or webgpu.",
            DefaultValueFactory = _ => OnnxRuntimeOptions.Providers[0],
        };
        provider.AcceptOnlyFromAmong([.. OnnxRuntimeOptions.Providers]);
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("build", "Build, check and measure one model here, without any cloud.")
        {
            file, policy, golden, output, provider, json,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetRequiredValue(file), parsed.GetValue(policy), parsed.GetValue(golden) ?? [], parsed.GetValue(output),
            new OnnxRuntimeOptions { Provider = parsed.GetRequiredValue(provider) }, parsed.GetValue(json), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        FileInfo file, FileInfo? policyFile, FileInfo[] golden, FileInfo? output, OnnxRuntimeOptions runtime, bool json,
        CancellationToken cancellationToken)
    {
        try
        {
            var backend = new OnnxRuntimeBackend(runtime);
            BackendProbe probe = backend.Probe();
            if (probe.Problem is { } problem) throw problem;
            string enginePath = output?.FullName ?? Path.ChangeExtension(file.FullName, ".engine");
            PromotionPolicy policy = ReadPolicy(policyFile, probe);
            ImmutableArray<string> external = await InspectAsync(file, cancellationToken);
            var clock = new StageClock(TimeProvider.System, new ConsoleProgress());
            clock.Begin("build");
            var build = new EngineBuildOptions { ModelPath = file.FullName, EnginePath = enginePath, ExternalData = external };
            backend.Build(build, cancellationToken);
            byte[] bytes = await File.ReadAllBytesAsync(enginePath, cancellationToken);
            var model = new FetchedModel
            {
                ModelPath = file.FullName,
                ExternalData = ImmutableSortedDictionary<string, string>.Empty,
                Golden = [.. golden.Select(g => new GoldenFile(g.Name, g.FullName))],
            };
            Measurements measured = new EngineMeasurer(backend).Measure(
                bytes, baseline: null, model, policy, clock, cancellationToken);
            var answer = new LocalBuild
            {
                Engine = enginePath,
                EngineDigest = Convert.ToHexStringLower(SHA256.HashData(bytes)),
                Stages = clock.Finished,
                Accuracy = measured.Accuracy,
                Benchmark = measured.Benchmark,
                Decisions =
                [
                    AccuracyGate.Judge(measured.Accuracy, policy.Accuracy),
                    BenchmarkGate.Judge(measured.Benchmark, policy.Benchmark),
                ],
            };
            Print(answer, json);
            return answer.Decisions.All(d => d.Verdict == Verdict.Passed) ? 0 : 1;
        }
        catch (Exception e) when (e is EngineException or JobFailedException or IOException or InvalidDataException
            or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    private static async Task<ImmutableArray<string>> InspectAsync(FileInfo file, CancellationToken cancellationToken)
    {
        await using FileStream stream = file.OpenRead();
        OnnxInspection inspection = await OnnxInspector.InspectAsync(stream, limits: null, cancellationToken);
        return inspection.Model is { } model
            ? [.. model.ExternalData.Select(e => e.Location).Distinct(StringComparer.Ordinal)]
            : throw new InvalidDataException($"'{file.Name}': {inspection.Fault!.Message}");
    }

    private static PromotionPolicy ReadPolicy(FileInfo? file, BackendProbe probe)
    {
        if (file is null) return new PromotionPolicy();
        Lane[] lanes = [.. probe.Targets.Select(t => new Lane(t, probe.Runtime!))];
        PolicyReading reading = PolicyReader.Read(File.ReadAllBytes(file.FullName), lanes);
        return reading.Policy ?? throw new InvalidDataException(string.Join('\n', reading.Errors));
    }

    private static void Print(LocalBuild built, bool json)
    {
        if (json)
        {
            Console.WriteLine(Encoding.UTF8.GetString(PipelineJson.Write(built)));
            return;
        }

        Console.WriteLine($"engine {built.Engine}");
        Console.WriteLine($"digest {built.EngineDigest}");
        foreach (StageTime stage in built.Stages) Console.WriteLine($"stage  {stage.Stage,-10} {stage.Seconds:F2} s");
        foreach (ProfileBenchmark profile in built.Benchmark.Profiles)
        {
            string shapes = string.Join(", ", profile.Shapes.Select(s => $"{s.Key} [{string.Join(", ", s.Value)}]"));
            Console.WriteLine(
                $"speed  {profile.Profile,-10} P50 {profile.P50Milliseconds:F3} ms, P99 {profile.P99Milliseconds:F3} ms, " +
                $"{profile.ThroughputPerSecond:F0} runs a second at {shapes}");
        }

        foreach (GateDecision decision in built.Decisions)
            Console.WriteLine($"gate   {decision.Gate,-10} {decision.Verdict}: {string.Join(' ', decision.Reasons)}");
    }

    private sealed class ConsoleProgress : IProgress<JobProgress>
    {
        private string? last;

        public void Report(JobProgress value)
        {
            if (value.Stage == last) return;
            last = value.Stage;
            Console.Error.WriteLine($"{value.Stage} ...");
        }
    }

    private sealed record LocalBuild
    {
        public required string Engine { get; init; }

        public required string EngineDigest { get; init; }

        public required ImmutableArray<StageTime> Stages { get; init; }

        public required AccuracyEvidence Accuracy { get; init; }

        public required BenchmarkEvidence Benchmark { get; init; }

        public required ImmutableArray<GateDecision> Decisions { get; init; }
    }
}
