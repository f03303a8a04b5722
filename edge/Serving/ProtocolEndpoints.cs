using System.Collections.Immutable;
using System.Text.Json;
using Pipeline.Core.Builds;
using Pipeline.Edge.Measuring;
using Pipeline.Edge.Protocol;
using Pipeline.Edge.Routing;
using Pipeline.Engines;

namespace Pipeline.Edge.Serving;

/// <summary>The addresses of the Open Inference Protocol v2, and of the metrics.</summary>
internal static class ProtocolEndpoints
{
    public static void MapProtocol(this WebApplication app)
    {
        EdgeState state = app.Services.GetRequiredService<EdgeState>();
        InferenceHandler inference = app.Services.GetRequiredService<InferenceHandler>();
        EdgeOptions options = app.Services.GetRequiredService<EdgeOptions>();
        MetricsText metrics = app.Services.GetRequiredService<MetricsText>();
        app.Use(inference.Before);
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = http => Problem.WriteAsync(
                http, StatusCodes.Status500InternalServerError, "The edge failed to answer; its log says why."),
        });
        app.UseStatusCodePages(c => Problem.WriteAsync(
            c.HttpContext, c.HttpContext.Response.StatusCode, "There is nothing at this address for this method."));
        // Named here, since otherwise it would come first of all.
        app.UseRouting();
        bool isSimulated = app.Services.GetRequiredService<BackendProbe>().IsSimulated;
        app.MapGet("/v2", (RequestDelegate)(http => WriteJson(http, j => WriteServer(j, isSimulated))));
        app.MapGet("/v2/health/live", (RequestDelegate)(http => WriteJson(http, j => WriteHealth(j, "live", isSimulated))));
        app.MapGet("/v2/health/ready", (RequestDelegate)(http => ReadyAsync(http, state, isSimulated)));
        foreach (string path in new[] { "/v2/models/{model}", "/v2/models/{model}/versions/{version}" })
        {
            app.MapGet(path, (RequestDelegate)(http => Answer(http, () => MetadataAsync(http, state, options))));
            app.MapGet(path + "/ready", (RequestDelegate)(http => Answer(http, () => ModelReadyAsync(http, state))));
            app.MapPost(path + "/infer", (RequestDelegate)InferenceHandler.NotHereAsync);
        }

        app.MapGet("/metrics", (RequestDelegate)(http =>
        {
            http.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
            return http.Response.WriteAsync(metrics.Write(), http.RequestAborted);
        }));
    }

    private static async Task Answer(HttpContext http, Func<Task> answer)
    {
        try
        {
            await answer();
        }
        catch (ProtocolException e)
        {
            await Problem.WriteAsync(http, e);
        }
    }

    private static Task ReadyAsync(HttpContext http, EdgeState state, bool isSimulated)
    {
        if (state.IsReady) return WriteJson(http, j => WriteHealth(j, "ready", isSimulated));
        RouteTable table = state.Table;
        string why = state.IsStopping ? "This edge is stopping."
            : table.Revisions.Count == 0 ? "This edge has no routes yet."
            : "There is no engine yet for " + string.Join(", ", table.Models.Values
                .Where(m => m.Stable is null).Select(m => $"'{m.Model}'").Order(StringComparer.Ordinal)) + ".";
        return Problem.WriteAsync(http, ProtocolException.Unavailable(why));
    }

    private static Task ModelReadyAsync(HttpContext http, EdgeState state)
    {
        ServingVersion version = Chosen(http, state);
        return WriteJson(http, j =>
        {
            j.WriteString("name", version.Model);
            j.WriteBoolean("ready", true);
        });
    }

    private static Task MetadataAsync(HttpContext http, EdgeState state, EdgeOptions options)
    {
        ServingVersion version = Chosen(http, state);
        ModelRoute route = RequestedModel.Find(state.Table, version.Model);
        IEngine engine = version.Engine.Engine;
        return WriteJson(http, j =>
        {
            j.WriteString("name", version.Model);
            j.WriteStartArray("versions");
            foreach (ServingVersion serving in new[] { route.Stable, route.Candidate }.OfType<ServingVersion>())
                j.WriteStringValue(serving.Version);
            j.WriteEndArray();
            j.WriteString("platform", options.Runtime);
            WriteTensors(j, "inputs", engine.Inputs);
            WriteTensors(j, "outputs", engine.Outputs);
        });
    }

    /// <summary>Without a tag or a version in the address: the stable one.</summary>
    private static ServingVersion Chosen(HttpContext http, EdgeState state)
    {
        ModelRoute route = RequestedModel.Find(state.Table, RequestedModel.Name(http));
        return RequestedModel.ChooseNamed(http, route);
    }

    private static void WriteHealth(Utf8JsonWriter json, string what, bool isSimulated)
    {
        json.WriteBoolean(what, true);
        if (isSimulated) json.WriteBoolean("simulated", true);
    }

    private static void WriteServer(Utf8JsonWriter json, bool isSimulated)
    {
        json.WriteString("name", "pipeline-edge");
        json.WriteString("version", typeof(ProtocolEndpoints).Assembly.GetName().Version!.ToString(3));
        json.WriteStartArray("extensions");
        json.WriteStringValue("binary_tensor_data");
        if (isSimulated) json.WriteStringValue("simulated");
        json.WriteEndArray();
    }

    private static void WriteTensors(Utf8JsonWriter json, string name, ImmutableArray<TensorDescription> tensors)
    {
        json.WriteStartArray(name);
        foreach (TensorDescription tensor in tensors)
        {
            json.WriteStartObject();
            json.WriteString("name", tensor.Name);
            json.WriteString("datatype", tensor.DataType);
            json.WriteStartArray("shape");
            foreach (long dimension in tensor.Shape) json.WriteNumberValue(dimension);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static async Task WriteJson(HttpContext http, Action<Utf8JsonWriter> write)
    {
        http.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter);
        json.WriteStartObject();
        write(json);
        json.WriteEndObject();
    }
}
