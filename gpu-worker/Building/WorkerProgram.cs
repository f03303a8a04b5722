using System.Collections.Immutable;

namespace Pipeline.GpuWorker.Building;

/// <summary>How a program is started.</summary>
internal sealed record WorkerProgram(string FileName, ImmutableArray<string> Arguments)
{
    /// <summary>This program once more, however it was started itself.</summary>
    public static WorkerProgram Self { get; } = FindSelf();

    public WorkerProgram With(params ReadOnlySpan<string> arguments) => this with { Arguments = [.. Arguments, .. arguments] };

    private static WorkerProgram FindSelf()
    {
        string path = Environment.ProcessPath ?? throw new InvalidOperationException("The system does not say which program this is.");
        bool isHost = Path.GetFileNameWithoutExtension(path) is "dotnet";
        return new WorkerProgram(
            path, isHost ? [Path.Combine(AppContext.BaseDirectory, $"{typeof(WorkerProgram).Assembly.GetName().Name}.dll")] : []);
    }
}
