using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Pipeline.Core.Builds;
using F = Pipeline.Engines.OnnxRuntime.OrtFunction;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>What a session says about its inputs and outputs.</summary>
internal sealed unsafe partial class OrtApi
{
    /// <param name="output">False: inputs; true: outputs.</param>
    public ImmutableArray<OrtTensorInfo> DescribeTensors(OrtSessionHandle session, bool output)
    {
        using var held = new Held(session);
        nint count;
        Check(((delegate* unmanaged<nint, nint*, nint>)At(output ? F.SessionGetOutputCount : F.SessionGetInputCount))(
            held.Value, &count));
        var tensors = ImmutableArray.CreateBuilder<OrtTensorInfo>((int)count);
        for (nint i = 0; i < count; i++) tensors.Add(DescribeTensor(held.Value, i, output));
        return tensors.MoveToImmutable();
    }

    private OrtTensorInfo DescribeTensor(nint session, nint index, bool output)
    {
        string name = TensorName(session, index, output);
        nint typeInfo;
        Check(((delegate* unmanaged<nint, nint, nint*, nint>)At(
            output ? F.SessionGetOutputTypeInfo : F.SessionGetInputTypeInfo))(session, index, &typeInfo));
        using var typeHandle = new OrtTypeInfoHandle(this, typeInfo);

        // Borrowed from the type info; null for a sequence, a map or an optional.
        nint tensorInfo;
        Check(((delegate* unmanaged<nint, nint*, nint>)At(F.CastTypeInfoToTensorInfo))(typeInfo, &tensorInfo));
        if (tensorInfo == 0) throw Unsupported(name, output, "no tensor");

        int type = ElementTypeOf(tensorInfo);
        if (!Enum.IsDefined((ElementType)type)) throw Unsupported(name, output, $"a tensor of ONNX type {type}");
        long[] shape = ShapeOf(tensorInfo);
        var symbols = new nint[shape.Length];
        fixed (nint* symbol = symbols)
        {
            Check(((delegate* unmanaged<nint, nint*, nint, nint>)At(F.GetSymbolicDimensions))(
                tensorInfo, symbol, symbols.Length));
        }

        var description = new TensorDescription
        {
            Name = name,
            DataType = ((ElementType)type).ProtocolName(),
            Shape = [.. shape],
        };
        return new(description, (ElementType)type, [.. symbols.Select(s => Marshal.PtrToStringUTF8(s) ?? "")]);
    }

    private string TensorName(nint session, nint index, bool output)
    {
        nint allocator;
        Check(((delegate* unmanaged<nint*, nint>)At(F.GetAllocatorWithDefaultOptions))(&allocator));
        nint name;
        Check(((delegate* unmanaged<nint, nint, nint, nint*, nint>)At(
            output ? F.SessionGetOutputName : F.SessionGetInputName))(session, index, allocator, &name));
        string text = Marshal.PtrToStringUTF8(name)!;
        Check(((delegate* unmanaged<nint, nint, nint>)At(F.AllocatorFree))(allocator, name));
        return text;
    }

    private int ElementTypeOf(nint shapeInfo)
    {
        int type;
        Check(((delegate* unmanaged<nint, int*, nint>)At(F.GetTensorElementType))(shapeInfo, &type));
        return type;
    }

    private long[] ShapeOf(nint shapeInfo)
    {
        nint rank;
        Check(((delegate* unmanaged<nint, nint*, nint>)At(F.GetDimensionsCount))(shapeInfo, &rank));
        var shape = new long[rank];
        fixed (long* dimensions = shape)
        {
            Check(((delegate* unmanaged<nint, long*, nint, nint>)At(F.GetDimensions))(shapeInfo, dimensions, rank));
        }

        return shape;
    }

    private static EngineException Unsupported(string name, bool output, string what) => new(
        EngineErrorKind.UnsupportedTensor,
        $"{(output ? "Output" : "Input")} '{name}' is {what}; only tensors of numbers and booleans can be served.");
}
