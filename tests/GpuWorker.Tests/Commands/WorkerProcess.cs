using Pipeline.GpuWorker.Building;
using Pipeline.Testing;

namespace Pipeline.GpuWorker.Tests.Commands;

/// <summary>The worker's program, built beside the tests.</summary>
internal static class WorkerProcess
{
    public static WorkerProgram Program { get; } = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "Pipeline.GpuWorker.dll")]);

    public static ChildProcess Start(IReadOnlyDictionary<string, string?>? settings, params string[] arguments) =>
        ChildProcess.Start(Program.FileName, Program.With(arguments).Arguments, settings, Repository.Root);

    public static async Task<(int ExitCode, string Output)> RunAsync(
        IReadOnlyDictionary<string, string?>? settings, params string[] arguments)
    {
        await using ChildProcess process = Start(settings, arguments);
        int exitCode = await process.WaitForExitAsync(Workbench.Cancel);
        return (exitCode, process.Output);
    }
}
