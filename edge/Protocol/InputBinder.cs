using System.Collections.Immutable;
using Pipeline.Edge.Batching;
using Pipeline.Engines;

namespace Pipeline.Edge.Protocol;

/// <summary>
/// Holds the inputs of a request against a version: names, types and shapes fit, and every byte is accounted for. Binary
/// data stays where it arrived; JSON data, and binary data that starts off its element size, go into memory of its own.
/// </summary>
internal sealed class InputBinder : IDisposable
{
    private readonly AlignedMemory made = new();

    public int RetainedBytes => made.Capacity;

    /// <returns>Bytes that it made beside the body.</returns>
    /// <exception cref="ProtocolException">The request does not fit the version.</exception>
    public int Bind(InferRequest request, RequestBody body, BatchPlan plan, RunRequest run)
    {
        ReadOnlySpan<byte> json = body.Json;
        ImmutableArray<TensorSignature> expected = plan.Signature.Inputs;
        FindInputs(json, request.Inputs, expected);
        foreach (ref RequestInput input in request.Inputs) CheckShape(json, input, expected[input.EngineIndex]);
        ShapeClass.Check(json, request.Inputs, plan.Profiles);
        run.Clear(plan);
        return Fill(request.Inputs, body, expected, run.Inputs);
    }

    public void Trim() => made.Trim();

    public void Dispose() => made.Dispose();

    private int Fill(
        ReadOnlySpan<RequestInput> inputs, RequestBody body, ImmutableArray<TensorSignature> expected, Span<RunTensor> tensors)
    {
        int binaryAt = 0;
        int madeEnd = 0;
        foreach (ref readonly RequestInput input in inputs)
        {
            TensorSignature tensor = expected[input.EngineIndex];
            ref RunTensor bound = ref tensors[input.EngineIndex];
            long size = Tensor.SizeBytesOf(tensor.Type, input.Shape);
            bound.SetShape(input.Shape);
            bound.Data = 0;
            if (input.BinarySizeBytes >= 0)
            {
                CheckBinary(input, tensor, size, body.Binary.Length - binaryAt);
                ReadOnlySpan<byte> data = body.Binary.Slice(binaryAt, (int)size);
                if (tensor.Type == ElementType.Bool && data.ContainsAnyExceptInRange((byte)0, (byte)1))
                    throw ProtocolException.BadRequest(
                        $"Input '{tensor.Name}' of type BOOL has bytes other than 0 and 1.");
                if (binaryAt % tensor.ElementBytes == 0) bound.Data = body.BinaryAddress + binaryAt;
                else data.CopyTo(Make(ref madeEnd, (int)size));
                binaryAt += (int)size;
            }
            else
            {
                ReadJson(input, tensor, size, body.Json, ref madeEnd);
            }

            bound.SizeBytes = (int)size;
        }

        if (binaryAt < body.Binary.Length)
            throw ProtocolException.BadRequest($"The binary data has {body.Binary.Length - binaryAt} bytes that no input claims.");
        Place(inputs, tensors);
        return madeEnd;
    }

    /// <summary>Points at what was made, in the order in which it was: the memory may have moved while it grew.</summary>
    private void Place(ReadOnlySpan<RequestInput> inputs, Span<RunTensor> tensors)
    {
        int at = 0;
        foreach (ref readonly RequestInput input in inputs)
        {
            ref RunTensor bound = ref tensors[input.EngineIndex];
            if (bound.Data != 0) continue;
            at = AlignedMemory.Align(at);
            bound.Data = made.Address + at;
            at += bound.SizeBytes;
        }
    }

    private Span<byte> Make(ref int end, int size)
    {
        int start = AlignedMemory.Align(end);
        end = checked(start + size);
        made.Reserve(end, kept: start);
        return made.Span(start, size);
    }

    private void ReadJson(
        in RequestInput input, TensorSignature tensor, long size, ReadOnlySpan<byte> json, ref int madeEnd)
    {
        if (input.DataLength < 0)
            throw ProtocolException.BadRequest($"Input '{tensor.Name}' has neither 'data' nor 'binary_data_size'.");
        ReadOnlySpan<byte> data = json.Slice(input.DataStart, input.DataLength);
        // Each element takes a digit and a comma, so a small body cannot make a large buffer.
        long elements = size / tensor.ElementBytes;
        if (size < 0 || elements > data.Length / 2 + 1)
        {
            throw ProtocolException.BadRequest(
                $"Input '{tensor.Name}' has fewer elements than its shape {ShapeText.Of(input.Shape)} asks for.");
        }

        TensorJson.Read(data, tensor.Name, tensor.Type, input.Shape, Make(ref madeEnd, (int)size));
    }

    private static void CheckBinary(in RequestInput input, TensorSignature tensor, long size, long left)
    {
        if (input.DataLength >= 0)
            throw ProtocolException.BadRequest($"Input '{tensor.Name}' has both 'data' and 'binary_data_size'.");
        if (input.BinarySizeBytes != size)
        {
            throw ProtocolException.BadRequest(
                $"Input '{tensor.Name}' has a 'binary_data_size' of {input.BinarySizeBytes} bytes; type " +
                $"{tensor.Description.DataType} and shape {ShapeText.Of(input.Shape)} take " +
                $"{(size < 0 ? "more than can be" : size)}.");
        }

        if (size > left)
        {
            throw ProtocolException.BadRequest(
                $"The binary data ends early: input '{tensor.Name}' takes {size} bytes and {left} are left.");
        }
    }

    private static void FindInputs(
        ReadOnlySpan<byte> json, Span<RequestInput> inputs, ImmutableArray<TensorSignature> expected)
    {
        for (int i = 0; i < inputs.Length; i++)
        {
            ref RequestInput input = ref inputs[i];
            input.EngineIndex = IndexOf(json, input.Name, expected);
            if (input.EngineIndex < 0)
            {
                throw ProtocolException.BadRequest(
                    $"The model has no input {ProtocolException.Quote(input.Name.In(json))}; it has " +
                    $"'{string.Join("', '", expected.Select(t => t.Name))}'.");
            }

            if (Has(inputs[..i], input.EngineIndex))
                throw ProtocolException.BadRequest($"Input '{expected[input.EngineIndex].Name}' is given twice.");
        }

        for (int i = 0; i < expected.Length; i++)
        {
            if (Has(inputs, i)) continue;
            throw ProtocolException.BadRequest(
                $"Input '{expected[i].Name}' of type {expected[i].Description.DataType} and shape " +
                $"{ShapeText.Of(expected[i].Description.Shape)} is missing.");
        }
    }

    private static int IndexOf(ReadOnlySpan<byte> json, JsonText name, ImmutableArray<TensorSignature> tensors)
    {
        for (int i = 0; i < tensors.Length; i++)
        {
            if (name.Is(json, tensors[i].NameBytes)) return i;
        }

        return -1;
    }

    private static bool Has(ReadOnlySpan<RequestInput> inputs, int engineIndex)
    {
        foreach (ref readonly RequestInput input in inputs)
        {
            if (input.EngineIndex == engineIndex) return true;
        }

        return false;
    }

    private static void CheckShape(ReadOnlySpan<byte> json, in RequestInput input, TensorSignature expected)
    {
        if (!input.DataType.Is(json, expected.DataTypeBytes))
        {
            string given = input.DataType.In(json);
            string unsupported = given == "BYTES" ? ", which is not supported" : "";
            throw ProtocolException.BadRequest(
                $"Input '{expected.Name}' has type {ProtocolException.Quote(given)}{unsupported}; " +
                $"the model takes {expected.Description.DataType}.");
        }

        if (!expected.Fits(input.Shape))
        {
            throw ProtocolException.BadRequest(
                $"Input '{expected.Name}' has shape {ShapeText.Of(input.Shape)}; the model takes " +
                $"{ShapeText.Of(expected.Description.Shape)}, where -1 is free.");
        }
    }
}
