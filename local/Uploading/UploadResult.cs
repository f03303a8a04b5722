namespace Pipeline.Local.Uploading;

/// <summary>How an upload went.</summary>
public enum UploadResult
{
    /// <summary>The files are there now.</summary>
    Uploaded,

    /// <summary>The same model was there already; nothing was written.</summary>
    AlreadyThere,

    /// <summary>Another model is there under this version; nothing was written.</summary>
    OtherBytes,
}
