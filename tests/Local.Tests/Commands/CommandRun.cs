using System.Diagnostics;
using Pipeline.Local.Environments;

namespace Pipeline.Local.Tests.Commands;

/// <summary>One run of the built command, to its end.</summary>
internal sealed record CommandRun
{
    public required int ExitCode { get; init; }

    public required string Output { get; init; }

    public required string Error { get; init; }

    public static Task<CommandRun> StartAsync(params string[] arguments) =>
        StartAsync(new Dictionary<string, string?>(), arguments);

    /// <param name="variables">Added to the test's own environment; null removes a variable.</param>
    /// <param name="arguments">Passed as they are.</param>
    public static async Task<CommandRun> StartAsync(IReadOnlyDictionary<string, string?> variables, params string[] arguments)
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        var start = new ProcessStartInfo(RepositoryLayout.Program("Local"), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string? value) in variables) start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return new CommandRun { ExitCode = process.ExitCode, Output = await output, Error = await error };
    }
}
