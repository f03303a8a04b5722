namespace Pipeline.Local.Commands;

/// <summary>Ends a command with one sentence for the person who ran it, and an exit code.</summary>
public sealed class CommandException(string message, int exitCode = ExitCodes.Failed) : Exception(message)
{
    /// <summary>One of <see cref="ExitCodes"/>.</summary>
    public int ExitCode { get; } = exitCode;
}
