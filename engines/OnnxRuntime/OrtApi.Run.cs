using System.Collections.Immutable;
using System.Runtime.InteropServices;
using F = Pipeline.Engines.OnnxRuntime.OrtFunction;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>
/// Runs. Values are raw pointers here: on this path one handle object a tensor would cost more than the call, and their
/// owner is in sight (<see cref="OnnxRuntimeEngine"/> for inputs, <see cref="OrtValuesHandle"/> for outputs).
/// </summary>
internal sealed unsafe partial class OrtApi
{
    public OrtRunOptionsHandle CreateRunOptions()
    {
        nint options;
        Check(((delegate* unmanaged<nint*, nint>)At(F.CreateRunOptions))(&options));
        return new OrtRunOptionsHandle(this, options);
    }

    /// <summary>Makes runs with these options stop at their next node. From any thread.</summary>
    public void SetTerminate(OrtRunOptionsHandle options)
    {
        using var held = new Held(options);
        Check(((delegate* unmanaged<nint, nint>)At(F.RunOptionsSetTerminate))(held.Value));
    }

    /// <summary>A value over memory that stays the caller's and stays put until the value is released.</summary>
    public OrtStatus CreateTensor(
        OrtMemoryInfoHandle memory,
        void* data,
        long sizeBytes,
        ReadOnlySpan<long> shape,
        ElementType type,
        out nint value)
    {
        using var held = new Held(memory);
        nint created = 0;
        fixed (long* dimensions = shape)
        {
            OrtStatus status = Read(((delegate* unmanaged<nint, void*, nint, long*, nint, int, nint*, nint>)At(
                F.CreateTensorWithDataAsOrtValue))(
                held.Value, data, (nint)sizeBytes, dimensions, shape.Length, (int)type, &created));
            value = created;
            return status;
        }
    }

    public void ReleaseValue(nint value) => Release(F.ReleaseValue, value);

    /// <summary>Runs with null run options when <paramref name="runOptions"/> is 0; allocates the outputs.</summary>
    public OrtStatus Run(
        nint session,
        nint runOptions,
        nint* inputNames,
        nint* inputs,
        int inputCount,
        nint* outputNames,
        nint[] outputs)
    {
        fixed (nint* output = outputs)
        {
            return Read(((delegate* unmanaged<nint, nint, nint*, nint*, nint, nint*, nint, nint*, nint>)At(F.Run))(
                session, runOptions, inputNames, inputs, inputCount, outputNames, outputs.Length, output));
        }
    }

    /// <summary>Type and shape of a value.</summary>
    public (ElementType Type, ImmutableArray<long> Shape) DescribeValue(nint value)
    {
        nint info;
        Check(((delegate* unmanaged<nint, nint*, nint>)At(F.GetTensorTypeAndShape))(value, &info));
        try
        {
            return ((ElementType)ElementTypeOf(info), ImmutableCollectionsMarshal.AsImmutableArray(ShapeOf(info)));
        }
        finally
        {
            Release(F.ReleaseTensorTypeAndShapeInfo, info);
        }
    }

    public void* DataOf(nint value)
    {
        void* data;
        Check(((delegate* unmanaged<nint, void**, nint>)At(F.GetTensorMutableData))(value, &data));
        return data;
    }

    /// <summary>Type and shape of a value, without an allocation.</summary>
    /// <param name="shape">Takes the dimensions; made larger when they are more than ever before.</param>
    public ElementType DescribeValue(nint value, ref long[] shape, out int rank)
    {
        nint info;
        Check(((delegate* unmanaged<nint, nint*, nint>)At(F.GetTensorTypeAndShape))(value, &info));
        try
        {
            nint count;
            Check(((delegate* unmanaged<nint, nint*, nint>)At(F.GetDimensionsCount))(info, &count));
            if (shape.Length < count) shape = new long[count];
            fixed (long* dimensions = shape)
            {
                Check(((delegate* unmanaged<nint, long*, nint, nint>)At(F.GetDimensions))(info, dimensions, count));
            }

            rank = (int)count;
            return (ElementType)ElementTypeOf(info);
        }
        finally
        {
            Release(F.ReleaseTensorTypeAndShapeInfo, info);
        }
    }
}
