using System.Collections.Immutable;

namespace Pipeline.Local.Processes;

/// <summary>A process that the supervisor starts and keeps.</summary>
public sealed record ChildSpec
{
    /// <summary>Name in messages and of the log file, such as <c>worker-1</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The executable: a path, or a name that is looked up in PATH.</summary>
    public required string FileName { get; init; }

    public ImmutableArray<string> Arguments { get; init; } = [];

    /// <summary>Set on top of the environment that this process has.</summary>
    public ImmutableDictionary<string, string> Environment { get; init; } = ImmutableDictionary<string, string>.Empty;

    public Readiness Readiness { get; init; } = new ReadyAtOnce();

    /// <summary>Whether the child is started again when it ends by itself.</summary>
    public bool RestartsAfterCrash { get; init; } = true;
}
