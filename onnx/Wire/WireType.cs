namespace Pipeline.Onnx.Wire;

/// <summary>How a protobuf field is encoded. Groups (3 and 4) do not occur in ONNX and are refused.</summary>
internal enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    Length = 2,
    Fixed32 = 5,
}
