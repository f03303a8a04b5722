using System.Collections.Immutable;

namespace Pipeline.Local.Bridge;

/// <summary>
/// What the bridge has told about already: the ETag of each model file. A file is told about again when its ETag
/// changes, and forgotten when it is gone.
/// </summary>
public sealed record BridgeCursor
{
    /// <summary>ETag by path.</summary>
    public ImmutableSortedDictionary<string, string> Told { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>The blobs of a listing that nobody was told about, oldest first.</summary>
    public ImmutableArray<UploadedBlob> NewIn(IEnumerable<UploadedBlob> listing) =>
    [
        .. listing
            .Where(blob => IsModel(blob) && Told.GetValueOrDefault(blob.Path) != blob.ETag)
            .OrderBy(blob => blob.LastModified)
            .ThenBy(blob => blob.Path, StringComparer.Ordinal),
    ];

    /// <summary>The cursor once everything new in the listing was told.</summary>
    public BridgeCursor After(IEnumerable<UploadedBlob> listing) => new()
    {
        Told = listing.Where(IsModel).ToImmutableSortedDictionary(b => b.Path, b => b.ETag, StringComparer.Ordinal),
    };

    // The filter that the Event Grid subscription in Azure has: subjectEndsWith, without regard to case.
    private static bool IsModel(UploadedBlob blob) => blob.Path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase);
}
