using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Pipeline.Core.Builds;
using Pipeline.Edge.Routing;
using Pipeline.Engines;

namespace Pipeline.Edge.Protocol;

/// <summary>Writes the answer to an inference request.</summary>
internal static class InferResponse
{
    /// <summary>
    /// Which outputs to send, and how; checked before the engine runs, so that a wrong name costs nothing.
    /// </summary>
    /// <exception cref="ProtocolException">An unknown output, or one asked for twice.</exception>
    public static (int Index, bool Binary)[] Plan(InferRequest request, ImmutableArray<TensorDescription> outputs)
    {
        if (request.Outputs is not { Count: > 0 } asked)
            return [.. Enumerable.Range(0, outputs.Length).Select(i => (i, request.BinaryOutputs))];
        var plan = new (int Index, bool Binary)[asked.Count];
        for (int i = 0; i < plan.Length; i++)
        {
            string name = asked[i].Name;
            int index = IndexOf(outputs, name);
            if (index < 0)
                throw ProtocolException.BadRequest($"The model has no output {ProtocolException.Quote(name)}.");
            if (plan[..i].Any(p => p.Index == index))
                throw ProtocolException.BadRequest($"Output '{name}' is asked for twice.");
            plan[i] = (index, asked[i].Binary ?? request.BinaryOutputs);
        }

        return plan;
    }

    /// <summary>
    /// Puts the whole answer into the server's buffers; the outputs are not needed afterwards. The caller flushes.
    /// </summary>
    /// <exception cref="ProtocolException">406: an output holds values that JSON has no numbers for.</exception>
    public static async Task WriteAsync(
        HttpContext http, RouteChoice choice, string? id, (int Index, bool Binary)[] plan, EngineOutputs outputs)
    {
        ServingVersion version = choice.Version!;
        var head = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(head)) WriteJson(json, version, id, plan, outputs);
        long binaryBytes = plan.Where(p => p.Binary).Sum(p => (long)outputs.Data(p.Index).Length);

        HttpResponse response = http.Response;
        response.Headers["x-model-version"] = version.Version;
        response.Headers["x-engine-digest"] = version.Engine.Digest;
        response.Headers["x-route-kind"] = choice.Kind.Word();
        response.ContentLength = head.WrittenCount + binaryBytes;
        response.ContentType = "application/json";
        if (plan.Any(p => p.Binary))
        {
            response.ContentType = "application/octet-stream";
            response.Headers[RequestBody.JsonLengthHeader] = head.WrittenCount.ToString(CultureInfo.InvariantCulture);
        }

        // Started first, so that what follows goes straight into the connection's buffers.
        await response.StartAsync(http.RequestAborted);
        response.BodyWriter.Write(head.WrittenSpan);
        foreach ((int index, bool binary) in plan)
        {
            if (binary) response.BodyWriter.Write(outputs.Data(index));
        }
    }

    private static void WriteJson(
        Utf8JsonWriter json, ServingVersion version, string? id, (int Index, bool Binary)[] plan, EngineOutputs outputs)
    {
        json.WriteStartObject();
        json.WriteString("model_name", version.Model);
        json.WriteString("model_version", version.Version);
        if (id is not null) json.WriteString("id", id);
        json.WriteStartArray("outputs");
        foreach ((int index, bool binary) in plan)
        {
            json.WriteStartObject();
            json.WriteString("name", outputs.Name(index));
            json.WriteString("datatype", outputs.ElementType(index).ProtocolName());
            json.WriteStartArray("shape");
            foreach (long dimension in outputs.Shape(index)) json.WriteNumberValue(dimension);
            json.WriteEndArray();
            if (binary)
            {
                json.WriteStartObject("parameters");
                json.WriteNumber("binary_data_size", outputs.Data(index).Length);
                json.WriteEndObject();
            }
            else
            {
                json.WritePropertyName("data");
                if (!TensorJson.TryWrite(json, outputs.ElementType(index), outputs.Data(index)))
                {
                    throw new ProtocolException(
                        StatusCodes.Status406NotAcceptable,
                        $"Output '{outputs.Name(index)}' holds values that JSON has no numbers for; " +
                        "ask for it with 'binary_data'.");
                }
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static int IndexOf(ImmutableArray<TensorDescription> outputs, string name)
    {
        for (int i = 0; i < outputs.Length; i++)
        {
            if (outputs[i].Name == name) return i;
        }

        return -1;
    }
}
