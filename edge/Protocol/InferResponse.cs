using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Pipeline.Edge.Batching;
using Pipeline.Edge.Routing;
using Pipeline.Engines;

namespace Pipeline.Edge.Protocol;

/// <summary>Writes answers to inference requests, one after another, from memory that stays.</summary>
internal sealed class InferResponse : IDisposable
{
    private const int RetainedBytesMaximum = 1 << 20;

    private static readonly JsonEncodedText ModelName = JsonEncodedText.Encode("model_name");
    private static readonly JsonEncodedText ModelVersion = JsonEncodedText.Encode("model_version");
    private static readonly JsonEncodedText Id = JsonEncodedText.Encode("id");
    private static readonly JsonEncodedText Outputs = JsonEncodedText.Encode("outputs");
    private static readonly JsonEncodedText Name = JsonEncodedText.Encode("name");
    private static readonly JsonEncodedText DataType = JsonEncodedText.Encode("datatype");
    private static readonly JsonEncodedText Shape = JsonEncodedText.Encode("shape");
    private static readonly JsonEncodedText Parameters = JsonEncodedText.Encode("parameters");
    private static readonly JsonEncodedText BinaryDataSize = JsonEncodedText.Encode("binary_data_size");
    private static readonly JsonEncodedText Data = JsonEncodedText.Encode("data");

    /// <summary>Lengths of heads as texts: there are few, and each would be made again for every answer.</summary>
    private static readonly string?[] LengthTexts = new string?[4096];

    private readonly Utf8JsonWriter json;
    private ArrayBufferWriter<byte> head = new(1024);
    private (int Index, bool Binary)[] plan = new (int, bool)[2];
    private int count;
    private long length;
    private bool anyBinary;

    public InferResponse() => json = new Utf8JsonWriter(head);

    /// <summary>
    /// Chooses which outputs to send, and how; called before the engine runs, so that a wrong name costs nothing.
    /// </summary>
    /// <exception cref="ProtocolException">An unknown output, or one asked for twice.</exception>
    public void Plan(ReadOnlySpan<byte> requestJson, InferRequest request, EngineSignature signature)
    {
        bool all = request.OutputCount == 0;
        count = all ? signature.Outputs.Length : request.OutputCount;
        if (plan.Length < count) Array.Resize(ref plan, count);
        for (int i = 0; i < count; i++)
        {
            plan[i] = all
                ? (i, request.BinaryOutputs)
                : (Find(requestJson, request.Outputs[i].Name, signature, i), request.Outputs[i].Binary ?? request.BinaryOutputs);
        }
    }

    /// <summary>Makes the head of the answer.</summary>
    /// <returns>Bytes of the whole answer.</returns>
    /// <exception cref="ProtocolException">406: an output holds values that JSON has no numbers for.</exception>
    public long Make(
        ServingVersion version, ReadOnlySpan<byte> requestJson, JsonText id, EngineSignature signature, RunRequest run)
    {
        head.ResetWrittenCount();
        json.Reset(head);
        WriteJson(version, requestJson, id, signature, run);
        json.Flush();
        (length, anyBinary) = (head.WrittenCount, false);
        foreach ((int index, bool binary) in plan.AsSpan(0, count))
        {
            anyBinary |= binary;
            if (binary) length += run.Outputs[index].SizeBytes;
        }

        return length;
    }

    /// <summary>Says in the response's headers what the answer is.</summary>
    public void WriteHead(HttpResponse response, RouteChoice choice)
    {
        ServingVersion version = choice.Version!;
        IHeaderDictionary headers = response.Headers;
        headers["x-model-version"] = version.Version;
        headers["x-engine-digest"] = version.Engine.Digest;
        headers["x-route-kind"] = choice.Kind.Word();
        headers.ContentLength = length;
        headers.ContentType = anyBinary ? "application/octet-stream" : "application/json";
        if (anyBinary) headers[RequestBody.JsonLengthHeader] = LengthText(head.WrittenCount);
    }

    /// <summary>Puts the whole answer into the server's buffers, which send it when the request ends.</summary>
    public void WriteBody(IBufferWriter<byte> writer, RunRequest run)
    {
        writer.Write(head.WrittenSpan);
        foreach ((int index, bool binary) in plan.AsSpan(0, count))
        {
            if (binary) writer.Write(run.OutputData(index));
        }

        if (head.Capacity > RetainedBytesMaximum) head = new ArrayBufferWriter<byte>(1024);
    }

    public void Dispose() => json.Dispose();

    private int Find(ReadOnlySpan<byte> requestJson, JsonText name, EngineSignature signature, int planned)
    {
        for (int i = 0; i < signature.Outputs.Length; i++)
        {
            if (!name.Is(requestJson, signature.Outputs[i].NameBytes)) continue;
            foreach ((int index, _) in plan.AsSpan(0, planned))
            {
                if (index == i) throw ProtocolException.BadRequest($"Output '{signature.Outputs[i].Name}' is asked for twice.");
            }

            return i;
        }

        throw ProtocolException.BadRequest($"The model has no output {ProtocolException.Quote(name.In(requestJson))}.");
    }

    private void WriteJson(
        ServingVersion version, ReadOnlySpan<byte> requestJson, JsonText id, EngineSignature signature, RunRequest run)
    {
        json.WriteStartObject();
        json.WriteString(ModelName, version.Model);
        json.WriteString(ModelVersion, version.Version);
        if (id.IsGiven) id.Write(json, Id, requestJson);
        json.WriteStartArray(Outputs);
        foreach ((int index, bool binary) in plan.AsSpan(0, count)) WriteOutput(index, binary, signature.Outputs[index], run);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteOutput(int index, bool binary, TensorSignature output, RunRequest run)
    {
        json.WriteStartObject();
        json.WriteString(Name, output.NameBytes);
        json.WriteString(DataType, run.OutputType(index).ProtocolName());
        json.WriteStartArray(Shape);
        foreach (long dimension in run.Outputs[index].Shape) json.WriteNumberValue(dimension);
        json.WriteEndArray();
        if (binary)
        {
            json.WriteStartObject(Parameters);
            json.WriteNumber(BinaryDataSize, run.Outputs[index].SizeBytes);
            json.WriteEndObject();
        }
        else
        {
            json.WritePropertyName(Data);
            if (!TensorJson.TryWrite(json, run.OutputType(index), run.OutputData(index)))
            {
                throw new ProtocolException(
                    StatusCodes.Status406NotAcceptable,
                    $"Output '{output.Name}' holds values that JSON has no numbers for; ask for it with 'binary_data'.");
            }
        }

        json.WriteEndObject();
    }

    private static string LengthText(int length)
    {
        if (length >= LengthTexts.Length) return length.ToString(CultureInfo.InvariantCulture);
        return LengthTexts[length] ??= length.ToString(CultureInfo.InvariantCulture);
    }
}
