using System.CommandLine;
using System.Text;
using Pipeline.Core.Json;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;
using Pipeline.Engines;
using Pipeline.GpuWorker.Building;
using Pipeline.GpuWorker.Jobs;
using Pipeline.GpuWorker.Offline;

namespace Pipeline.GpuWorker.Commands;

/// <summary>Builds, checks and measures one file on this machine, without any cloud.</summary>
internal static class BuildCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "The ONNX model; external data beside it." };
        var policy = new Option<FileInfo?>("--policy") { Description = "A promotion.json; the defaults without." };
        var golden = new Option<FileInfo[]>("--golden") { Description = "Golden inputs (.npz); may be repeated." };
        var runtime = new Option<string>("--runtime")
        {
            Description = "cpu, cuda, webgpu, trt-10 or trt-11, or a runtime with its version, such as ort-1.29.0-cpu.",
            DefaultValueFactory = _ => "cpu",
        };
        var output = new Option<DirectoryInfo?>("--out")
        {
            Description = "Folder for engine, manifest.json, report.json and report.txt (NAME.build beside FILE).",
        };
        var rebuild = new Option<bool>("--rebuild") { Description = "Build also where the folder holds this engine." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("build", "Build, check and measure one model here, without any cloud.")
        {
            file, policy, golden, runtime, output, rebuild, json,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new Arguments(
                parsed.GetRequiredValue(file), parsed.GetValue(policy), parsed.GetValue(golden) ?? [],
                parsed.GetRequiredValue(runtime), parsed.GetValue(output), parsed.GetValue(rebuild), parsed.GetValue(json)),
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(Arguments arguments, CancellationToken cancellationToken)
    {
        try
        {
            OfflineResult result = await BuildAsync(arguments, cancellationToken);
            if (arguments.Json) Console.WriteLine(Encoding.UTF8.GetString(PipelineJson.Write(result)));
            else Console.Write($"{ReportText.Write(result)}\n{Path.GetDirectoryName(result.Engine)}\n");
            return result.IsPassed() ? 0 : 1;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Stopped.");
            return 1;
        }
        catch (Exception e) when (e is EngineException or JobFailedException or IOException or InvalidDataException
            or UnauthorizedAccessException or InvalidOperationException)
        {
            if (e is EngineException { Log: var log })
                foreach (string line in log) await Console.Error.WriteLineAsync(TextColumns.Plain(line));
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    private static async Task<OfflineResult> BuildAsync(Arguments arguments, CancellationToken cancellationToken)
    {
        FileInfo file = arguments.File;
        foreach (FileInfo? read in (FileInfo?[])[file, arguments.Policy, .. arguments.Golden])
            if (read is { Exists: false }) throw new FileNotFoundException($"There is no file '{read}'.");
        EngineSettings settings = EngineSettings.ReadEnvironment();
        (IEngineBackend backend, Lane lane) = await ChooseAsync(arguments.Runtime, settings, cancellationToken);
        BuildFolder folder = BuildFolder.Open(arguments.Output?.FullName
            ?? Path.Combine(file.DirectoryName!, $"{Path.GetFileNameWithoutExtension(file.Name)}.build"));
        PromotionPolicy policy = arguments.Policy is { } given ? OfflinePolicy.Read(given, lane) : new PromotionPolicy();
        var clock = new StageClock(TimeProvider.System, new ConsoleProgress());
        clock.Begin("fetch");
        OfflineRequest request = await OfflineRequest.ReadAsync(file, policy, arguments.Golden, lane, cancellationToken);
        clock.End();
        var build = new OfflineBuild(
            backend, WorkerMachine.Look(backend, settings.DeviceOf(lane.Runtime)),
            new ChildEngineBuilder(WorkerProgram.Self, lane.Runtime, settings), folder, TimeProvider.System);
        return await build.RunAsync(request, arguments.Rebuild, clock, cancellationToken);
    }

    /// <summary>The runtime's backend, and this machine's closest lane of it.</summary>
    private static async Task<(IEngineBackend Backend, Lane Lane)> ChooseAsync(
        string text, EngineSettings settings, CancellationToken cancellationToken)
    {
        string why = "is not the name of a runtime";
        if (RuntimeNames.Expand(text) is { } name)
        {
            IEngineBackend backend = settings.CreateBackend(name);
            BackendProbe probe = backend.Probe();
            if (probe is { Problem: null, Runtime: { } runtime, Targets: [var target, ..] } && RuntimeNames.Fits(text, runtime))
                return (backend, new Lane(target, runtime));
            why = probe.Problem is { } problem ? $"does not work here: {problem.Message}"
                : probe.Targets.IsEmpty ? "has no hardware here"
                : $"is not here; '{probe.Runtime}' is";
        }

        string[] working = [.. (await RuntimeProbes.AllAsync(settings, cancellationToken))
            .Where(p => p.Problem is null && !p.Targets.IsEmpty).Select(p => $"{p.Name} ({p.Runtime})")];
        throw new InvalidDataException(
            $"--runtime '{text}' {why.TrimEnd('.')}. What works here: {(working.Length > 0 ? string.Join(", ", working) : "nothing")}.");
    }

    private sealed record Arguments(
        FileInfo File, FileInfo? Policy, FileInfo[] Golden, string Runtime, DirectoryInfo? Output, bool Rebuild, bool Json);
}
