namespace Pipeline.Engines;

#pragma warning disable CA1720 // These are names of types: ONNX's own.

/// <summary>Element types that engines take and give. The numbers are ONNX's own (TensorProto.DataType).</summary>
public enum ElementType
{
    Float32 = 1,
    UInt8 = 2,
    Int8 = 3,
    UInt16 = 4,
    Int16 = 5,
    Int32 = 6,
    Int64 = 7,
    Bool = 9,
    Float16 = 10,
    Float64 = 11,
    UInt32 = 12,
    UInt64 = 13,
    BFloat16 = 16,
}
