using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>
/// Collects what one session logs. ONNX Runtime has one log callback a process; the session's log id, unique here, says
/// whose line it is. Lines of sessions that nobody collects are dropped.
/// </summary>
internal sealed class OrtLog : IDisposable
{
    public const int WarningSeverity = 2;

    private const int LinesMaximum = 200;
    private const int LineLengthMaximum = 1000;

    private static readonly ConcurrentDictionary<string, OrtLog> Collectors = new(StringComparer.Ordinal);
    private static long created;

    private readonly List<string> lines = [];
    private int dropped;

    public OrtLog() => Collectors[Id] = this;

    public string Id { get; } = $"session-{Interlocked.Increment(ref created)}";

    public ImmutableArray<string> Lines
    {
        get
        {
            lock (lines) return dropped == 0 ? [.. lines] : [.. lines, $"{dropped} more lines were dropped."];
        }
    }

    public void Dispose() => Collectors.TryRemove(Id, out _);

    /// <summary>
    /// OrtLoggingFunction. An exception must not reach the native caller, so the process ends instead.
    /// </summary>
    [UnmanagedCallersOnly]
    internal static unsafe void OnMessage(
        nint parameter, int severity, byte* category, byte* logId, byte* location, byte* message)
    {
        try
        {
            string id = Marshal.PtrToStringUTF8((nint)logId) ?? "";
            if (!Collectors.TryGetValue(id, out OrtLog? log)) return;
            log.Add(SeverityName(severity) + ": " + Marshal.PtrToStringUTF8((nint)message));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Environment.FailFast("The log callback of ONNX Runtime failed.", e);
        }
    }

    private static string SeverityName(int severity) => severity switch
    {
        <= 1 => "info",
        2 => "warning",
        3 => "error",
        _ => "fatal",
    };

    private void Add(string line)
    {
        lock (lines)
        {
            if (lines.Count == LinesMaximum)
            {
                dropped++;
                return;
            }

            lines.Add(line.Length <= LineLengthMaximum ? line : line[..LineLengthMaximum]);
        }
    }
}
