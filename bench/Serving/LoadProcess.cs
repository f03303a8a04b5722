using System.Diagnostics;
using Pipeline.Core.Json;

namespace Pipeline.Bench.Serving;

/// <summary>The load generator as a child process.</summary>
internal sealed class LoadProcess : IDisposable
{
    private readonly Process process;

    private LoadProcess(Process process) => this.process = process;

    public static LoadProcess Start()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [LoadGenerator.Verb])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        // What serves has the processors; the clients need no heap a processor.
        start.Environment["DOTNET_gcServer"] = "0";
        return new LoadProcess(Process.Start(start)!);
    }

    public async Task<LoadAnswer> RunAsync(LoadOrder order, CancellationToken cancellationToken)
    {
        await process.StandardInput.WriteLineAsync(System.Text.Encoding.UTF8.GetString(PipelineJson.Write(order)));
        await process.StandardInput.FlushAsync(cancellationToken);
        string line = await process.StandardOutput.ReadLineAsync(cancellationToken)
            ?? throw new InvalidOperationException("The load generator has ended.");
        return PipelineJson.Read<LoadAnswer>(System.Text.Encoding.UTF8.GetBytes(line));
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        if (!process.WaitForExit(TimeSpan.FromSeconds(5))) process.Kill();
        process.Dispose();
    }
}
