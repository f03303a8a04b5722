using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Unicode;

namespace Pipeline.Edge.Protocol;

/// <summary>
/// Reads the JSON of an inference request in one pass. Tensor data is only located here: it is read once the engine has
/// said which type and shape it must have. Unknown members are passed over, as the protocol wants it.
/// </summary>
internal static class InferRequestReader
{
    private const int DepthMaximum = 40;
    private const int TensorsMaximum = 1024;
    private const int RankMaximum = 16;
    private const int TextLengthMaximum = 1024;

    /// <exception cref="ProtocolException">The JSON is malformed, or not an inference request.</exception>
    public static InferRequest Read(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json)) throw ProtocolException.BadRequest("The JSON of the request is not valid UTF-8.");
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = DepthMaximum });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                throw ProtocolException.BadRequest("The request is not a JSON object.");
            InferRequest request = ReadRequest(ref reader);
            reader.Read();
            return request;
        }
        catch (JsonException e)
        {
            throw ProtocolException.BadRequest(
                $"The JSON of the request is malformed at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.");
        }
    }

    private static InferRequest ReadRequest(ref Utf8JsonReader reader)
    {
        string? id = null;
        List<RequestInput>? inputs = null;
        List<RequestOutput>? outputs = null;
        bool binaryOutputs = false;
        while (NextMember(ref reader))
        {
            if (IsMember(ref reader, "id"u8)) Once(ref id, Text(ref reader, "id"), "id");
            else if (IsMember(ref reader, "inputs"u8)) Once(ref inputs, ReadInputs(ref reader), "inputs");
            else if (IsMember(ref reader, "outputs"u8)) Once(ref outputs, ReadOutputs(ref reader), "outputs");
            else if (IsMember(ref reader, "parameters"u8))
                binaryOutputs = ReadFlag(ref reader, "binary_data_output"u8, "binary_data_output") ?? binaryOutputs;
            else reader.Skip();
        }

        return new InferRequest
        {
            Id = id,
            Inputs = inputs ?? throw ProtocolException.BadRequest("The request has no 'inputs'."),
            Outputs = outputs,
            BinaryOutputs = binaryOutputs,
        };
    }

    private static List<RequestInput> ReadInputs(ref Utf8JsonReader reader)
    {
        var inputs = new List<RequestInput>();
        Expect(ref reader, JsonTokenType.StartArray, "'inputs' is not an array.");
        while (NextElement(ref reader, "Each of 'inputs' must be an object."))
        {
            if (inputs.Count == TensorsMaximum)
                throw ProtocolException.BadRequest($"More than {TensorsMaximum} inputs.");
            inputs.Add(ReadInput(ref reader));
        }

        return inputs;
    }

    private static RequestInput ReadInput(ref Utf8JsonReader reader)
    {
        string? name = null;
        string? dataType = null;
        long[]? shape = null;
        Range? data = null;
        long? binarySize = null;
        while (NextMember(ref reader))
        {
            if (IsMember(ref reader, "name"u8)) Once(ref name, Text(ref reader, "name"), "name");
            else if (IsMember(ref reader, "datatype"u8)) Once(ref dataType, Text(ref reader, "datatype"), "datatype");
            else if (IsMember(ref reader, "shape"u8)) Once(ref shape, ReadShape(ref reader), "shape");
            else if (IsMember(ref reader, "data"u8))
            {
                if (data is not null) throw Twice("data");
                Expect(ref reader, JsonTokenType.StartArray, "'data' of an input is not an array.");
                int start = (int)reader.TokenStartIndex;
                reader.Skip();
                data = start..(int)reader.BytesConsumed;
            }
            else if (IsMember(ref reader, "parameters"u8)) binarySize = ReadBinarySize(ref reader) ?? binarySize;
            else reader.Skip();
        }

        return new RequestInput
        {
            Name = name ?? throw ProtocolException.BadRequest("An input has no 'name'."),
            DataType = dataType ?? throw ProtocolException.BadRequest(
                $"Input {ProtocolException.Quote(name)} has no 'datatype'."),
            Shape = shape is null
                ? throw ProtocolException.BadRequest($"Input {ProtocolException.Quote(name)} has no 'shape'.")
                : ImmutableArray.Create(shape),
            Data = data,
            BinarySizeBytes = binarySize,
        };
    }

    private static long[] ReadShape(ref Utf8JsonReader reader)
    {
        Span<long> shape = stackalloc long[RankMaximum];
        int rank = 0;
        Expect(ref reader, JsonTokenType.StartArray, "'shape' of an input is not an array.");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (rank == RankMaximum)
                throw ProtocolException.BadRequest($"A shape has more than {RankMaximum} dimensions.");
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out shape[rank]) || shape[rank] < 1)
                throw ProtocolException.BadRequest("A dimension of 'shape' is not a whole number of at least 1.");
            rank++;
        }

        return shape[..rank].ToArray();
    }

    private static List<RequestOutput> ReadOutputs(ref Utf8JsonReader reader)
    {
        var outputs = new List<RequestOutput>();
        Expect(ref reader, JsonTokenType.StartArray, "'outputs' is not an array.");
        while (NextElement(ref reader, "Each of 'outputs' must be an object."))
        {
            if (outputs.Count == TensorsMaximum)
                throw ProtocolException.BadRequest($"More than {TensorsMaximum} outputs.");
            string? name = null;
            bool? binary = null;
            while (NextMember(ref reader))
            {
                if (IsMember(ref reader, "name"u8)) Once(ref name, Text(ref reader, "name"), "name");
                else if (IsMember(ref reader, "parameters"u8))
                    binary = ReadFlag(ref reader, "binary_data"u8, "binary_data") ?? binary;
                else reader.Skip();
            }

            outputs.Add(
                new RequestOutput(name ?? throw ProtocolException.BadRequest("An output has no 'name'."), binary));
        }

        return outputs;
    }

    private static bool? ReadFlag(ref Utf8JsonReader reader, ReadOnlySpan<byte> member, string word)
    {
        bool? flag = null;
        Expect(ref reader, JsonTokenType.StartObject, "'parameters' is not an object.");
        while (NextMember(ref reader))
        {
            if (!IsMember(ref reader, member))
            {
                reader.Skip();
                continue;
            }

            if (reader.TokenType is not (JsonTokenType.True or JsonTokenType.False))
                throw ProtocolException.BadRequest($"Parameter '{word}' is neither true nor false.");
            flag = reader.GetBoolean();
        }

        return flag;
    }

    private static long? ReadBinarySize(ref Utf8JsonReader reader)
    {
        long? size = null;
        Expect(ref reader, JsonTokenType.StartObject, "'parameters' is not an object.");
        while (NextMember(ref reader))
        {
            if (!IsMember(ref reader, "binary_data_size"u8))
            {
                reader.Skip();
                continue;
            }

            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long bytes) || bytes < 0)
                throw ProtocolException.BadRequest("Parameter 'binary_data_size' is not a whole number of bytes.");
            size = bytes;
        }

        return size;
    }

    /// <summary>Moves to the next member's name; false at the end of the object.</summary>
    private static bool NextMember(ref Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    /// <summary>Moves to the next object of an array; false at its end.</summary>
    private static bool NextElement(ref Utf8JsonReader reader, string fault)
    {
        if (!reader.Read() || reader.TokenType == JsonTokenType.EndArray) return false;
        Expect(ref reader, JsonTokenType.StartObject, fault);
        return true;
    }

    /// <summary>Whether the reader stands on this member; if so it moves on to the value.</summary>
    private static bool IsMember(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        if (reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals(name)) return false;
        reader.Read();
        return true;
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType token, string fault)
    {
        if (reader.TokenType != token) throw ProtocolException.BadRequest(fault);
    }

    private static string Text(ref Utf8JsonReader reader, string member)
    {
        if (reader.TokenType != JsonTokenType.String)
            throw ProtocolException.BadRequest($"'{member}' is not a string.");
        if (reader.ValueSpan.Length > TextLengthMaximum) throw ProtocolException.BadRequest($"'{member}' is too long.");
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, written as an escape.
            throw ProtocolException.BadRequest($"'{member}' is not valid Unicode text.");
        }
    }

    private static void Once<T>(ref T? member, T value, string name)
        where T : class
    {
        if (member is not null) throw Twice(name);
        member = value;
    }

    private static ProtocolException Twice(string name) =>
        ProtocolException.BadRequest($"The request names '{name}' twice.");
}
