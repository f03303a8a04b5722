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
    private const int TextLengthMaximum = 1024;

    /// <param name="request">Cleared and filled.</param>
    /// <exception cref="ProtocolException">The JSON is malformed, or not an inference request.</exception>
    public static void Read(ReadOnlySpan<byte> json, InferRequest request)
    {
        request.Clear();
        if (!Utf8.IsValid(json)) throw ProtocolException.BadRequest("The JSON of the request is not valid UTF-8.");
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = DepthMaximum });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                throw ProtocolException.BadRequest("The request is not a JSON object.");
            ReadRequest(json, ref reader, request);
            reader.Read();
        }
        catch (JsonException e)
        {
            throw ProtocolException.BadRequest(
                $"The JSON of the request is malformed at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.");
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, written as an escape, which no name can be compared with.
            throw ProtocolException.BadRequest("The JSON of the request has a member whose name is not valid Unicode text.");
        }
    }

    private static void ReadRequest(ReadOnlySpan<byte> json, ref Utf8JsonReader reader, InferRequest request)
    {
        bool hasInputs = false;
        bool hasOutputs = false;
        while (NextMember(ref reader))
        {
            if (IsMember(ref reader, "id"u8)) request.Id = Once(request.Id, Text(ref reader, "id"), "id");
            else if (IsMember(ref reader, "inputs"u8)) ReadInputs(json, ref reader, request, ref hasInputs);
            else if (IsMember(ref reader, "outputs"u8)) ReadOutputs(ref reader, request, ref hasOutputs);
            else if (IsMember(ref reader, "parameters"u8))
            {
                request.BinaryOutputs =
                    ReadFlag(ref reader, "binary_data_output"u8, "binary_data_output") ?? request.BinaryOutputs;
            }
            else reader.Skip();
        }

        if (!hasInputs) throw ProtocolException.BadRequest("The request has no 'inputs'.");
    }

    private static void ReadInputs(
        ReadOnlySpan<byte> json, ref Utf8JsonReader reader, InferRequest request, ref bool isGiven)
    {
        Expect(ref reader, JsonTokenType.StartArray, "'inputs' is not an array.");
        if (isGiven) throw Twice("inputs");
        isGiven = true;
        while (NextElement(ref reader, "Each of 'inputs' must be an object."))
        {
            if (request.InputCount == TensorsMaximum)
                throw ProtocolException.BadRequest($"More than {TensorsMaximum} inputs.");
            ReadInput(json, ref reader, ref request.AddInput());
        }
    }

    private static void ReadInput(ReadOnlySpan<byte> json, ref Utf8JsonReader reader, ref RequestInput input)
    {
        while (NextMember(ref reader))
        {
            if (IsMember(ref reader, "name"u8)) input.Name = Once(input.Name, Text(ref reader, "name"), "name");
            else if (IsMember(ref reader, "datatype"u8))
                input.DataType = Once(input.DataType, Text(ref reader, "datatype"), "datatype");
            else if (IsMember(ref reader, "shape"u8)) ReadShape(ref reader, ref input);
            else if (IsMember(ref reader, "data"u8))
            {
                if (input.DataLength >= 0) throw Twice("data");
                Expect(ref reader, JsonTokenType.StartArray, "'data' of an input is not an array.");
                input.DataStart = (int)reader.TokenStartIndex;
                reader.Skip();
                input.DataLength = (int)reader.BytesConsumed - input.DataStart;
            }
            else if (IsMember(ref reader, "parameters"u8))
                input.BinarySizeBytes = ReadBinarySize(ref reader) ?? input.BinarySizeBytes;
            else reader.Skip();
        }

        CheckWhole(json, input);
    }

    private static void CheckWhole(ReadOnlySpan<byte> json, in RequestInput input)
    {
        if (!input.Name.IsGiven) throw ProtocolException.BadRequest("An input has no 'name'.");
        string? missing = !input.DataType.IsGiven ? "datatype" : input.Rank < 0 ? "shape" : null;
        if (missing is not null)
            throw ProtocolException.BadRequest($"Input {ProtocolException.Quote(input.Name.In(json))} has no '{missing}'.");
    }

    private static void ReadShape(ref Utf8JsonReader reader, ref RequestInput input)
    {
        Expect(ref reader, JsonTokenType.StartArray, "'shape' of an input is not an array.");
        if (input.Rank >= 0) throw Twice("shape");
        Span<long> shape = input.ShapeRoom;
        int rank = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (rank == shape.Length)
                throw ProtocolException.BadRequest($"A shape has more than {shape.Length} dimensions.");
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out shape[rank]) || shape[rank] < 1)
                throw ProtocolException.BadRequest("A dimension of 'shape' is not a whole number of at least 1.");
            rank++;
        }

        input.Rank = rank;
    }

    private static void ReadOutputs(ref Utf8JsonReader reader, InferRequest request, ref bool isGiven)
    {
        Expect(ref reader, JsonTokenType.StartArray, "'outputs' is not an array.");
        if (isGiven) throw Twice("outputs");
        isGiven = true;
        while (NextElement(ref reader, "Each of 'outputs' must be an object."))
        {
            if (request.OutputCount == TensorsMaximum)
                throw ProtocolException.BadRequest($"More than {TensorsMaximum} outputs.");
            ref RequestOutput output = ref request.AddOutput();
            while (NextMember(ref reader))
            {
                if (IsMember(ref reader, "name"u8)) output.Name = Once(output.Name, Text(ref reader, "name"), "name");
                else if (IsMember(ref reader, "parameters"u8))
                    output.Binary = ReadFlag(ref reader, "binary_data"u8, "binary_data") ?? output.Binary;
                else reader.Skip();
            }

            if (!output.Name.IsGiven) throw ProtocolException.BadRequest("An output has no 'name'.");
        }
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

    private static JsonText Text(ref Utf8JsonReader reader, string member)
    {
        if (reader.TokenType != JsonTokenType.String)
            throw ProtocolException.BadRequest($"'{member}' is not a string.");
        if (reader.ValueSpan.Length > TextLengthMaximum) throw ProtocolException.BadRequest($"'{member}' is too long.");
        if (reader.ValueIsEscaped) CheckUnicode(ref reader, member);
        return new JsonText((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length, reader.ValueIsEscaped);
    }

    private static void CheckUnicode(ref Utf8JsonReader reader, string member)
    {
        try
        {
            _ = reader.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, written as an escape.
            throw ProtocolException.BadRequest($"'{member}' is not valid Unicode text.");
        }
    }

    private static JsonText Once(JsonText member, JsonText value, string name) => member.IsGiven ? throw Twice(name) : value;

    private static ProtocolException Twice(string name) =>
        ProtocolException.BadRequest($"The request names '{name}' twice.");
}
