namespace Pipeline.Onnx.Writing;

/// <summary>A run of bytes: given, or produced by <paramref name="Fill"/>.</summary>
internal sealed record WirePart(long Length, ReadOnlyMemory<byte> Bytes, FillPayload? Fill);
