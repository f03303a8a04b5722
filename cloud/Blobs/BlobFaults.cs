namespace Pipeline.Cloud.Blobs;

/// <summary>
/// An uploaded file is no longer the one that was frozen: overwritten or deleted. Trying again does not help.
/// </summary>
public sealed class OverwrittenException(string path, Exception? cause)
    : IOException($"The uploaded file '{path}' was overwritten or deleted; upload a new version instead.", cause)
{
    /// <summary>Path inside the models container.</summary>
    public string Path { get; } = path;
}

/// <summary>A blob's bytes are not the ones that its digest or size names.</summary>
public sealed class CorruptedBlobException(string path, string fault)
    : IOException($"The blob '{path}' cannot be used: {fault}");

/// <summary>A blob that should exist does not.</summary>
public sealed class MissingBlobException(string path, Exception cause)
    : IOException($"The blob '{path}' does not exist.", cause);
