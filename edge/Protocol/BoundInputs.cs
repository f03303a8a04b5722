using System.Buffers;
using System.Collections.Immutable;
using Pipeline.Core.Builds;
using Pipeline.Core.Policies;
using Pipeline.Engines;

namespace Pipeline.Edge.Protocol;

/// <summary>
/// The inputs of a request, held against an engine: names, types and shapes fit, and every byte is accounted for.
/// Binary data stays where it arrived; JSON data is read into pooled buffers, given back by <see cref="Dispose"/>.
/// </summary>
internal sealed class BoundInputs : IDisposable
{
    private readonly List<byte[]> rented = [];
    private readonly Tensor[] tensors;

    private BoundInputs(int count) => tensors = new Tensor[count];

    public ReadOnlySpan<Tensor> Tensors => tensors;

    /// <exception cref="ProtocolException">The request does not fit the engine.</exception>
    public static BoundInputs Bind(
        InferRequest request, RequestBody body, ImmutableArray<TensorDescription> expected,
        ImmutableArray<ShapeProfile> profiles)
    {
        CheckNames(request.Inputs, expected);
        foreach (RequestInput input in request.Inputs) CheckShape(input, expected.First(e => e.Name == input.Name));
        ShapeClass.Check(request.Inputs, profiles);
        var bound = new BoundInputs(request.Inputs.Count);
        try
        {
            bound.Fill(request.Inputs, body);
            return bound;
        }
        catch
        {
            bound.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (byte[] buffer in rented) ArrayPool<byte>.Shared.Return(buffer);
        rented.Clear();
    }

    private void Fill(List<RequestInput> inputs, RequestBody body)
    {
        ReadOnlyMemory<byte> binary = body.Binary;
        for (int i = 0; i < inputs.Count; i++)
        {
            RequestInput input = inputs[i];
            ElementType type = TypeOf(input);
            long size = Tensor.SizeBytesOf(type, input.Shape.AsSpan());
            if (input.BinarySizeBytes is { } given)
            {
                CheckBinary(input, size, given, binary.Length);
                ReadOnlyMemory<byte> data = binary[..(int)size];
                binary = binary[(int)size..];
                if (type == ElementType.Bool && data.Span.ContainsAnyExceptInRange((byte)0, (byte)1))
                    throw ProtocolException.BadRequest(
                        $"Input '{input.Name}' of type BOOL has bytes other than 0 and 1.");
                tensors[i] = new Tensor(input.Name, type, input.Shape, data);
            }
            else
            {
                tensors[i] = new Tensor(input.Name, type, input.Shape, ReadJson(input, type, size, body));
            }
        }

        if (!binary.IsEmpty)
            throw ProtocolException.BadRequest($"The binary data has {binary.Length} bytes that no input claims.");
    }

    private ReadOnlyMemory<byte> ReadJson(RequestInput input, ElementType type, long size, RequestBody body)
    {
        if (input.Data is not { } range)
            throw ProtocolException.BadRequest($"Input '{input.Name}' has neither 'data' nor 'binary_data_size'.");
        ReadOnlySpan<byte> json = body.Json[range];
        // Each element takes a digit and a comma, so a small body cannot make a large buffer.
        long elements = size / type.SizeBytes();
        if (size < 0 || elements > json.Length / 2 + 1)
        {
            throw ProtocolException.BadRequest(
                $"Input '{input.Name}' has fewer elements than its shape {ShapeText.Of(input.Shape)} asks for.");
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)size);
        rented.Add(buffer);
        TensorJson.Read(json, input.Name, type, input.Shape, buffer.AsSpan(0, (int)size));
        return buffer.AsMemory(0, (int)size);
    }

    private static void CheckBinary(RequestInput input, long size, long given, long left)
    {
        if (input.Data is not null)
            throw ProtocolException.BadRequest($"Input '{input.Name}' has both 'data' and 'binary_data_size'.");
        if (given != size)
        {
            throw ProtocolException.BadRequest(
                $"Input '{input.Name}' has a 'binary_data_size' of {given} bytes; type {input.DataType} and shape " +
                $"{ShapeText.Of(input.Shape)} take {(size < 0 ? "more than can be" : size)}.");
        }

        if (size > left)
        {
            throw ProtocolException.BadRequest(
                $"The binary data ends early: input '{input.Name}' takes {size} bytes and {left} are left.");
        }
    }

    private static void CheckNames(List<RequestInput> inputs, ImmutableArray<TensorDescription> expected)
    {
        for (int i = 0; i < inputs.Count; i++)
        {
            string name = inputs[i].Name;
            if (!expected.Any(e => e.Name == name))
            {
                throw ProtocolException.BadRequest(
                    $"The model has no input {ProtocolException.Quote(name)}; it has {Names(expected)}.");
            }

            if (inputs.Take(i).Any(other => other.Name == name))
                throw ProtocolException.BadRequest($"Input '{name}' is given twice.");
        }

        TensorDescription? missing = expected.FirstOrDefault(e => !inputs.Any(i => i.Name == e.Name));
        if (missing is not null)
        {
            throw ProtocolException.BadRequest(
                $"Input '{missing.Name}' of type {missing.DataType} and shape {ShapeText.Of(missing.Shape)} is " +
                "missing.");
        }
    }

    private static void CheckShape(RequestInput input, TensorDescription expected)
    {
        if (input.DataType != expected.DataType)
        {
            string unsupported = input.DataType == "BYTES" ? ", which is not supported" : "";
            throw ProtocolException.BadRequest(
                $"Input '{input.Name}' has type {ProtocolException.Quote(input.DataType)}{unsupported}; " +
                $"the model takes {expected.DataType}.");
        }

        bool fits = input.Shape.Length == expected.Shape.Length;
        for (int i = 0; fits && i < input.Shape.Length; i++)
            fits = expected.Shape[i] < 0 || expected.Shape[i] == input.Shape[i];
        if (!fits)
        {
            throw ProtocolException.BadRequest(
                $"Input '{input.Name}' has shape {ShapeText.Of(input.Shape)}; the model takes " +
                $"{ShapeText.Of(expected.Shape)}, where -1 is free.");
        }
    }

    private static ElementType TypeOf(RequestInput input) =>
        ElementTypes.TryParseProtocolName(input.DataType, out ElementType type)
            ? type
            : throw ProtocolException.BadRequest(
                $"Input '{input.Name}' has type '{input.DataType}', which is not supported.");

    private static string Names(ImmutableArray<TensorDescription> tensors) =>
        "'" + string.Join("', '", tensors.Select(t => t.Name)) + "'";
}
