namespace Pipeline.Onnx.Writing;

/// <summary>
/// Produces a part of a tensor's raw data: the bytes from <paramref name="offset"/> on, always the same ones.
/// </summary>
public delegate void FillPayload(long offset, Span<byte> destination);
