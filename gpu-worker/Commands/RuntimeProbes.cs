using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using Pipeline.Core.Json;
using Pipeline.Engines;
using Pipeline.Engines.OnnxRuntime;
using Pipeline.GpuWorker.Building;

namespace Pipeline.GpuWorker.Commands;

/// <summary>Tries every runtime that this program knows.</summary>
internal static class RuntimeProbes
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>
    /// ONNX Runtime's providers here, and each major of TensorRT in a process of its own: a process takes only one of them.
    /// </summary>
    public static async Task<ImmutableArray<RuntimeProbe>> AllAsync(EngineSettings settings, CancellationToken cancellationToken)
    {
        Task<RuntimeProbe>[] apart = [.. RuntimeNames.TensorRt.Select(n => ApartAsync(WorkerProgram.Self, n, Patience, cancellationToken))];
        RuntimeProbe[] here = [.. OnnxRuntimeOptions.Providers.Select(p => Here(p, settings))];
        return [.. here, .. await Task.WhenAll(apart)];
    }

    /// <param name="name">A short form or a whole runtime's name.</param>
    public static RuntimeProbe Here(string name, EngineSettings settings)
    {
        BackendProbe probe = settings.CreateBackend(RuntimeNames.Expand(name) ?? name).Probe();
        return probe.Runtime is { } runtime && !RuntimeNames.Fits(name, runtime)
            ? new RuntimeProbe { Name = name, Problem = $"'{name}' is not here; '{runtime}' is." }
            : RuntimeProbe.Of(name, probe);
    }

    /// <param name="worker">The program whose probe of one runtime is started.</param>
    /// <param name="patience">How long it may take; then it is ended.</param>
    internal static async Task<RuntimeProbe> ApartAsync(
        WorkerProgram worker, string name, TimeSpan patience, CancellationToken cancellationToken)
    {
        RuntimeProbe Problem(string what) => new() { Name = name, Problem = $"The probe of '{name}' {what}." };
        WorkerProgram program = worker.With(ProbeRuntimeCommand.Name, name);
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program.FileName, program.Arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            try
            {
                Task<string> log = process.StandardError.ReadToEndAsync(cancellationToken);
                string output = await process.StandardOutput.ReadToEndAsync(cancellationToken).WaitAsync(patience, cancellationToken);
                await process.WaitForExitAsync(cancellationToken).WaitAsync(patience, cancellationToken);
                string answer = output.Split('\n').LastOrDefault(l => l.StartsWith('{')) ?? "";
                return PipelineJson.TryRead<RuntimeProbe>(System.Text.Encoding.UTF8.GetBytes(answer), out _)
                    ?? Problem($"{ProcessEnd.Describe(process.ExitCode)}: {(await log).Trim()}");
            }
            finally
            {
                // A library that hangs must not outlive who asked about it.
                if (!process.HasExited) process.Kill(entireProcessTree: true);
            }
        }
        catch (Exception e) when (e is TimeoutException or Win32Exception)
        {
            return Problem($"did not end well: {e.Message}");
        }
    }
}
