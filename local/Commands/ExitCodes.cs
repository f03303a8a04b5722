namespace Pipeline.Local.Commands;

/// <summary>What the command's exit code says. Frozen: scripts read it.</summary>
public static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>What was asked for failed, or was refused.</summary>
    public const int Failed = 1;

    /// <summary>The command line cannot be read.</summary>
    public const int Usage = 2;

    /// <summary>No environment runs on the data folder.</summary>
    public const int NoEnvironment = 3;
}
