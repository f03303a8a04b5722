namespace Pipeline.Onnx.Wire;

// The field numbers of onnx.proto that the pipeline reads or writes, one class a message.

internal static class ModelFields
{
    public const int IrVersion = 1;
    public const int ProducerName = 2;
    public const int ProducerVersion = 3;
    public const int Graph = 7;
    public const int OpsetImport = 8;
    public const int TrainingInfo = 20;
    public const int Functions = 25;
}

internal static class OpsetFields
{
    public const int Domain = 1;
    public const int Version = 2;
}

internal static class GraphFields
{
    public const int Node = 1;
    public const int Name = 2;
    public const int Initializer = 5;
    public const int Input = 11;
    public const int Output = 12;
    public const int SparseInitializer = 15;
}

internal static class TrainingFields
{
    public const int Initialization = 1;
    public const int Algorithm = 2;
}

internal static class FunctionFields
{
    public const int Name = 1;
    public const int Input = 4;
    public const int Output = 5;
    public const int Node = 7;
    public const int OpsetImport = 9;
    public const int Domain = 10;
    public const int DefaultAttribute = 11;
}

internal static class NodeFields
{
    public const int Input = 1;
    public const int Output = 2;
    public const int Name = 3;
    public const int OpType = 4;
    public const int Attribute = 5;
    public const int Domain = 7;
}

internal static class AttributeFields
{
    public const int Name = 1;
    public const int Float = 2;
    public const int Int = 3;
    public const int String = 4;
    public const int Tensor = 5;
    public const int Graph = 6;
    public const int Floats = 7;
    public const int Ints = 8;
    public const int Tensors = 10;
    public const int Graphs = 11;
    public const int Type = 20;
    public const int SparseTensor = 22;
    public const int SparseTensors = 23;
}

internal static class TensorFields
{
    public const int Dims = 1;
    public const int DataType = 2;
    public const int FloatData = 4;
    public const int Int32Data = 5;
    public const int StringData = 6;
    public const int Int64Data = 7;
    public const int Name = 8;
    public const int RawData = 9;
    public const int DoubleData = 10;
    public const int UInt64Data = 11;
    public const int ExternalData = 13;
    public const int DataLocation = 14;

    /// <summary>The value of <see cref="DataLocation"/> that says: the data is in another file.</summary>
    public const int External = 1;
}

internal static class SparseTensorFields
{
    public const int Values = 1;
    public const int Indices = 2;
}

internal static class EntryFields
{
    public const int Key = 1;
    public const int Value = 2;
}

internal static class ValueFields
{
    public const int Name = 1;
    public const int Type = 2;
}

internal static class TypeFields
{
    public const int Tensor = 1;
    public const int Sequence = 4;
    public const int Map = 5;
    public const int Opaque = 7;
    public const int SparseTensor = 8;
    public const int Optional = 9;
}

internal static class TensorTypeFields
{
    public const int ElementType = 1;
    public const int Shape = 2;
}

internal static class ShapeFields
{
    public const int Dimension = 1;
}

internal static class DimensionFields
{
    public const int Value = 1;
    public const int Symbol = 2;
}
