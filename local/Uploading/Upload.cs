using System.Collections.Immutable;

namespace Pipeline.Local.Uploading;

/// <summary>The files of one version on this machine, before they are uploaded.</summary>
public sealed record Upload
{
    public required string ModelPath { get; init; }

    public string? PolicyPath { get; init; }

    public ImmutableArray<string> GoldenPaths { get; init; } = [];

    /// <summary>The folder that external data is beside the model in.</summary>
    public string Folder => Path.GetDirectoryName(Path.GetFullPath(ModelPath))!;
}
