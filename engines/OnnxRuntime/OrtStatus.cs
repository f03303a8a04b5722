namespace Pipeline.Engines.OnnxRuntime;

/// <summary>ONNX Runtime's error codes, as far as the binding tells them apart.</summary>
internal enum OrtErrorCode
{
    Ok = 0,
    Fail = 1,
    InvalidArgument = 2,
    NoSuchFile = 3,
    NoModel = 4,
    EngineError = 5,
    RuntimeException = 6,
    InvalidProtobuf = 7,
    ModelLoaded = 8,
    NotImplemented = 9,
    InvalidGraph = 10,
    ProviderFail = 11,
    LoadCanceled = 12,
}

/// <summary>What a call said; the native status is already released.</summary>
internal readonly record struct OrtStatus(OrtErrorCode Code, string Message)
{
    public bool IsOk => Code == OrtErrorCode.Ok;

    public void ThrowIfFailed(EngineErrorKind kind, string what)
    {
        if (!IsOk) throw OrtErrors.From(this, kind, what);
    }
}
