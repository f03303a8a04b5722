using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Pipeline.Engines.TensorRt.Building;

/// <summary>What the shim calls during a build: log lines, progress, and the question whether to go on.</summary>
internal sealed unsafe class BuildCallbacks : IDisposable
{
    private readonly BuildPhases phases = new();
    private readonly IProgress<EngineBuildProgress>? progress;
    private readonly CancellationToken cancellationToken;
    private GCHandle<BuildCallbacks> self;
    private ExceptionDispatchInfo? failure;

    public BuildCallbacks(IProgress<EngineBuildProgress>? progress, CancellationToken cancellationToken)
    {
        (this.progress, this.cancellationToken) = (progress, cancellationToken);
        self = new GCHandle<BuildCallbacks>(this);
    }

    public BuildLog Log { get; } = new();

    /// <summary>What the shim gives back to both functions; valid until this is disposed.</summary>
    public nint State => GCHandle<BuildCallbacks>.ToIntPtr(self);

    /// <summary>Throws what the receiver of the progress threw; the build was cancelled by it.</summary>
    public void ThrowIfReceiverFailed() => failure?.Throw();

    public void Dispose() => self.Dispose();

    /// <summary>engine_log. No exception may reach the native caller: a line is lost instead.</summary>
    [UnmanagedCallersOnly]
    internal static void OnLog(nint state, int severity, byte* text)
    {
        try
        {
            Of(state).Log.Add(severity, Marshal.PtrToStringUTF8((nint)text) ?? "");
        }
#pragma warning disable CA1031 // Whatever it is, native code cannot take it.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    /// <summary>engine_progress: 0 stops the build. An exception of the receiver stops it and is thrown after it.</summary>
    [UnmanagedCallersOnly]
    internal static int OnProgress(nint state, byte* phase, byte* parent, int done, int steps)
    {
        try
        {
            return Of(state).Tell(Marshal.PtrToStringUTF8((nint)phase) ?? "", Marshal.PtrToStringUTF8((nint)parent), done, steps) ? 1 : 0;
        }
#pragma warning disable CA1031 // Whatever it is, native code cannot take it.
        catch (Exception)
#pragma warning restore CA1031
        {
            return 0;
        }
    }

    private static BuildCallbacks Of(nint state) => GCHandle<BuildCallbacks>.FromIntPtr(state).Target;

    private bool Tell(string phase, string? parent, int done, int steps)
    {
        if (cancellationToken.IsCancellationRequested || failure is not null) return false;
        try
        {
            if (progress is not null && phases.Update(phase, parent, done, steps) is { } news) progress.Report(news);
            return true;
        }
        catch (Exception e)
        {
            failure = ExceptionDispatchInfo.Capture(e);
            throw;
        }
    }
}
