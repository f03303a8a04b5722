using System.Diagnostics;
using System.Runtime.InteropServices;
using Pipeline.Core.Json;
using Pipeline.Engines;

namespace Pipeline.GpuWorker.Building;

/// <summary>
/// The child process of one build: reads an order, builds, loads what it built, and answers. Memory that native code lost
/// goes with the process, and a crash or a hang costs this build alone.
/// </summary>
internal sealed class BuildChild(Stream input, Stream output, TextWriter log, Func<BuildOrder, IEngineBackend> backendOf, Action end)
{
    /// <summary>The hidden command that starts one.</summary>
    public const string Command = "build-engine";

    private const int OrderLengthMaximum = 16 * 1024 * 1024;
    // Two such texts, spelled six times as long in JSON, fit one answer.
    private const int MessageLengthMaximum = 4 * 1024;

    // Longer than a parent that lives waits: it ends what it started itself.
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(15);

    /// <summary>This process's own streams. The exit code is 0 when the end was told, whatever it was.</summary>
    public static int Run()
    {
        // Ctrl-C and service managers signal the parent and its children at once. The parent decides, and closes the input.
        using PosixSignalRegistration interrupt = Ignore(PosixSignal.SIGINT);
        using PosixSignalRegistration terminate = Ignore(PosixSignal.SIGTERM);
        OfferToTheSystem();
        using Stream input = Console.OpenStandardInput();
        using Stream output = Console.OpenStandardOutput();
        return new BuildChild(
            input, output, Console.Error,
            o => new EngineSettings(o.OnnxRuntime, o.TensorRt).CreateBackend(o.Runtime), Process.GetCurrentProcess().Kill).Build();
    }

    public int Build()
    {
        if (PipelineJson.TryRead<BuildOrder>(ReadLine(), out string? fault) is not { } order)
        {
            log.WriteLine($"No build order on standard input: {fault} The worker itself starts '{Command}'.");
            return 2;
        }

        var answers = new BuildAnswers(output, TimeProvider.System);
        using var parent = new ParentWatch(input, StopPatience, end);
        answers.End(Build(order, answers, parent.Stop));
        return 0;
    }

    private BuildEnd Build(BuildOrder order, BuildAnswers answers, CancellationToken stop)
    {
        try
        {
            var builder = new InProcessEngineBuilder(backendOf(order));
            foreach (string line in builder.Build(order.ToOptions(answers), stop).Log) log.WriteLine(line);
            return new BuildEnd { Kind = BuildEndKind.Built };
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return new BuildEnd { Kind = BuildEndKind.Stopped };
        }
        catch (EngineException e)
        {
            foreach (string line in e.Log) log.WriteLine(line);
            return Ended(BuildEndKind.Failed, e) with { Error = e.Kind, Operator = Bound(e.Operator) };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Ended(BuildEndKind.Trouble, e);
        }
    }

    private static BuildEnd Ended(BuildEndKind kind, Exception e) => new() { Kind = kind, Message = Bound(e.Message) };

    // Names from the model may be in it, as long as they like.
    private static string? Bound(string? text)
    {
        if (text is null || text.Length <= MessageLengthMaximum) return text;
        return text[..(MessageLengthMaximum - (char.IsHighSurrogate(text[MessageLengthMaximum - 1]) ? 1 : 0))];
    }

    private byte[] ReadLine()
    {
        var line = new MemoryStream();
        byte[] buffer = new byte[16 * 1024];
        int count;
        while (line.Length <= OrderLengthMaximum && (count = input.Read(buffer)) > 0)
        {
            int end = Array.IndexOf(buffer, (byte)'\n', 0, count);
            line.Write(buffer, 0, end < 0 ? count : end);
            if (end >= 0) break;
        }

        return line.ToArray();
    }

    // Where memory runs out, Linux is to end the build rather than the worker.
    private static void OfferToTheSystem()
    {
        const string Score = "/proc/self/oom_score_adj";
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            File.WriteAllText(Score, "500");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It chooses by itself then.
        }
    }

    private static PosixSignalRegistration Ignore(PosixSignal signal) =>
        PosixSignalRegistration.Create(signal, context => context.Cancel = true);
}
