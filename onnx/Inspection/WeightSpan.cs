namespace Pipeline.Onnx.Inspection;

/// <summary>A run of little-endian float32 values in the file; the length is a multiple of 4.</summary>
internal readonly record struct WeightSpan(long Offset, long Length);
