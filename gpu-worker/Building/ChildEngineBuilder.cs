using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Pipeline.Core.Json;
using Pipeline.Engines;

namespace Pipeline.GpuWorker.Building;

/// <summary>Builds each engine in a child process of its own, and says what became of it.</summary>
internal sealed class ChildEngineBuilder(WorkerProgram program, string runtime, EngineSettings settings) : IEngineBuilder
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    // What opens the cloud's doors is nothing that a process needs in which hostile files meet native code.
    private static readonly string[] SecretPrefixes = ["Pipeline__", "Worker__", "ServiceBus", "AZURE_", "IDENTITY_", "MSI_"];

    /// <summary>
    /// How long a build may take to stop when it is asked to, and to exit once it has told its end. The default value is 5
    /// seconds: less than orchestrators leave a worker.
    /// </summary>
    public TimeSpan StopPatience { get; init; } = TimeSpan.FromSeconds(5);

    public async Task<BuiltEngine> BuildAsync(EngineBuildOptions options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await BuildInChildAsync(options, cancellationToken);
        }
        catch
        {
            RemoveHalfWritten(options.EnginePath);
            throw;
        }
    }

    private async Task<BuiltEngine> BuildInChildAsync(EngineBuildOptions options, CancellationToken cancellationToken)
    {
        byte[] order = [.. PipelineJson.Write(BuildOrder.Of(runtime, settings, options)), (byte)'\n'];
        using var child = new BuildProcess(Start(), order, options.Progress);
        try
        {
            await child.WaitAsync(StopPatience, cancellationToken);
        }
        finally
        {
            await child.EndAsync(StopPatience);
        }

        return child.End switch
        {
            { Kind: BuildEndKind.Built } when File.Exists(options.EnginePath) => new BuiltEngine
            {
                Path = options.EnginePath,
                SizeBytes = new FileInfo(options.EnginePath).Length,
                Log = child.Log.Lines,
            },
            { Kind: BuildEndKind.Failed } end => throw new EngineException(end.Error ?? EngineErrorKind.BuildFailed, end.Message ?? "")
            {
                Operator = end.Operator,
                Log = child.Log.Lines,
            },
            { Kind: BuildEndKind.Trouble } end => throw new IOException(end.Message),
            { Kind: BuildEndKind.Stopped } => throw new IOException("The build process stopped, and nobody had asked it to."),
            _ => throw new EngineException(
                EngineErrorKind.BuildFailed, $"The build process {ProcessEnd.Describe(child.ExitCode)}.{child.Log.LastWords}")
            {
                Log = child.Log.Lines,
            },
        };
    }

    private Process Start()
    {
        WorkerProgram command = program.With(BuildChild.Command);
        var info = new ProcessStartInfo(command.FileName, command.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = Utf8,
            StandardOutputEncoding = Utf8,
            StandardErrorEncoding = Utf8,
        };
        foreach (string name in info.Environment.Keys.Where(IsSecret).ToArray()) info.Environment.Remove(name);
        try
        {
            return Process.Start(info)!;
        }
        catch (Win32Exception e)
        {
            throw new IOException($"The build process '{command.FileName}' does not start: {e.Message}", e);
        }
    }

    private static bool IsSecret(string name) => SecretPrefixes.Any(p => name.StartsWith(p, StringComparison.OrdinalIgnoreCase));

    // A backend that was ended by force leaves the file that it wrote under another name beside it.
    private static void RemoveHalfWritten(string enginePath)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(enginePath))!;
        if (!Directory.Exists(folder)) return;
        foreach (string left in Directory.EnumerateFiles(folder, $"{Path.GetFileName(enginePath)}*")) File.Delete(left);
    }
}
