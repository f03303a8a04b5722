using System.Diagnostics;
using Pipeline.Local.Environments;

namespace Pipeline.Local.Tests.Commands;

/// <summary>One run of the built command, to its end.</summary>
internal sealed record CommandRun
{
    public required int ExitCode { get; init; }

    public required string Output { get; init; }

    public required string Error { get; init; }

    public static async Task<CommandRun> StartAsync(params string[] arguments)
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        using Process process = Process.Start(new ProcessStartInfo(RepositoryLayout.Program("Local"), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return new CommandRun { ExitCode = process.ExitCode, Output = await output, Error = await error };
    }
}
