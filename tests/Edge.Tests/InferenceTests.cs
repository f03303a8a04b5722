using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using Pipeline.Edge.Tests.Support;
using Pipeline.Engines;

namespace Pipeline.Edge.Tests;

public sealed class InferenceTests
{
    [Fact]
    public async Task Classifier_AskedInJsonAndInBinary_AnswersAsTheEngineItself()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("cls", TestEngines.Classifier);
        var random = new Random(7);
        float[] image = [.. Enumerable.Range(0, 2 * 3 * 48 * 64).Select(_ => random.NextSingle() * 2 - 1)];
        using IEngine engine = TestEngines.Backend.Load(TestEngines.Classifier, TestContext.Current.CancellationToken);
        using EngineOutputs direct = engine.Run(
            [Tensor.Copy<float>("x", image, 2, 3, 48, 64)], TestContext.Current.CancellationToken);
        float[] expected = MemoryMarshal.Cast<byte, float>(direct.Data(0)).ToArray();

        string numbers = string.Join(",", image.Select(v => v.ToString("R", CultureInfo.InvariantCulture)));
        InferAnswer json = await edge.SendAsync(InferCall.Json(
            "cls", $$"""{"inputs":[{"name":"x","data":[{{numbers}}],"datatype":"FP32","shape":[2,3,48,64]}]}"""));
        InferAnswer binary = await edge.SendAsync(InferCall.Binary(
            "cls",
            """
            {"inputs":[{"name":"x","shape":[2,3,48,64],"datatype":"FP32","parameters":{"binary_data_size":73728}}],
             "parameters":{"binary_data_output":true}}
            """,
            MemoryMarshal.AsBytes<float>(image)));

        Assert.Equal(HttpStatusCode.OK, json.Status);
        Assert.Equal(expected, json.Floats());
        Assert.Equal("application/octet-stream", binary.ContentType);
        Assert.Equal(expected, binary.BinaryFloats());
        JsonElement parameters = binary.Json.GetProperty("outputs")[0].GetProperty("parameters");
        Assert.Equal(16, parameters.GetProperty("binary_data_size").GetInt32());
    }

    [Fact]
    public async Task Answer_OfAnyRequest_NamesModelVersionEngineAndRequest()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("add", TestEngines.Build(TinyOnnx.Add(1)));
        InferAnswer answer = await edge.SendAsync(InferCall.Json(
            "add", """{"id":"r-17","inputs":[{"name":"x","datatype":"FP32","shape":[1,4],"data":[[1,2,3,4]]}]}"""));

        Assert.Equal([2f, 3, 4, 5], answer.Floats());
        Assert.Equal("r-17", answer.Json.GetProperty("id").GetString());
        Assert.Equal("add", answer.Json.GetProperty("model_name").GetString());
        Assert.Equal("1", answer.Json.GetProperty("model_version").GetString());
        Assert.Equal([1L, 4], answer.Json.GetProperty("outputs")[0].GetProperty("shape").EnumerateArray().Select(
            d => d.GetInt64()));
        Assert.Equal("1", answer.Header("x-model-version"));
        Assert.Equal("stable", answer.Header("x-route-kind"));
        Assert.Equal(edge.State.Table.Models["add"].Stable!.Engine.Digest, answer.Header("x-engine-digest"));
    }

    [Theory]
    [InlineData(ElementType.Float32, "[1.5,-2,0.1]")]
    [InlineData(ElementType.Float64, "[1.5,-2E+100,0.1]")]
    [InlineData(ElementType.Float16, "[1.5,-2,0.099975586]")]
    [InlineData(ElementType.BFloat16, "[1.5,-2,0.100097656]")]
    [InlineData(ElementType.Int64, "[9223372036854775807,-9223372036854775808,0]")]
    [InlineData(ElementType.Int32, "[2147483647,-2147483648,0]")]
    [InlineData(ElementType.Int16, "[32767,-32768,0]")]
    [InlineData(ElementType.Int8, "[127,-128,0]")]
    [InlineData(ElementType.UInt64, "[18446744073709551615,0,1]")]
    [InlineData(ElementType.UInt32, "[4294967295,0,1]")]
    [InlineData(ElementType.UInt16, "[65535,0,1]")]
    [InlineData(ElementType.UInt8, "[255,0,1]")]
    [InlineData(ElementType.Bool, "[true,false,true]")]
    public async Task Identity_OfEachType_ComesBackTheSameInBothForms(ElementType type, string values)
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("same", TestEngines.Build(TinyOnnx.Identity(type)));
        int size = 3 * type.SizeBytes();
        string Request(string data, string rest) => $$"""
            {"inputs":[ {"name":"x","datatype":"{{type.ProtocolName()}}","shape":[3],{{data}} } ]{{rest}} }
            """;

        InferAnswer json = await edge.SendAsync(InferCall.Json("same", Request($"\"data\":{values}", "")));
        InferAnswer binaryOut = await edge.SendAsync(InferCall.Json("same", Request(
            $"\"data\":{values}", """ ,"outputs":[{"name":"y","parameters":{"binary_data":true}}]""")));
        InferAnswer both = await edge.SendAsync(InferCall.Binary(
            "same", Request($$""" "parameters":{"binary_data_size":{{size}} }""", ""), binaryOut.BinaryPart));

        Assert.Equal(values, json.Json.GetProperty("outputs")[0].GetProperty("data").GetRawText());
        Assert.Equal(size, binaryOut.BinaryPart.Length);
        Assert.Equal(values, both.Json.GetProperty("outputs")[0].GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task Output_ThatIsNotANumber_ComesAsBinaryAndIsRefusedInJson()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("divide", TestEngines.Build(TinyOnnx.Divide()));
        const string inputs =
            """
            "inputs":[{"name":"a","datatype":"FP32","shape":[1],"data":[0]},
                      {"name":"b","datatype":"FP32","shape":[1],"data":[0]}]
            """;
        InferAnswer json = await edge.SendAsync(InferCall.Json("divide", "{" + inputs + "}"));
        InferAnswer binary = await edge.SendAsync(InferCall.Json(
            "divide", "{" + inputs + """,  "parameters":{"binary_data_output":true}}"""));

        Assert.Equal(HttpStatusCode.NotAcceptable, json.Status);
        Assert.Equal(
            "Output 'y' holds values that JSON has no numbers for; ask for it with 'binary_data'.", json.Detail);
        Assert.True(float.IsNaN(binary.BinaryFloats()[0]));
    }

    [Fact]
    public async Task Scalar_InAnArrayOfOne_IsTaken()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("scalar", TestEngines.Build(TinyOnnx.Scalar()));
        InferAnswer answer = await edge.SendAsync(InferCall.Json(
            "scalar", """{"inputs":[{"name":"x","datatype":"FP32","shape":[],"data":[5.5]}]}"""));
        Assert.Equal([5.5f], answer.Floats());
    }

    [Fact]
    public async Task Run_ThatFails_CountsAsErrorOfItsVersionAndNothingElseDoes()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync(
            "triples", TestEngines.Build(TinyOnnx.Triples()), Profiles.Of("x", [3], [9]));
        InferAnswer good = await edge.SendAsync(InferCall.Json(
            "triples", """{"inputs":[{"name":"x","datatype":"FP32","shape":[3],"data":[1,0,2]}]}"""));
        InferAnswer failed = await edge.SendAsync(InferCall.Json(
            "triples", """{"inputs":[{"name":"x","datatype":"FP32","shape":[4],"data":[7,7,7,7]}]}"""));
        InferAnswer bad = await edge.SendAsync(InferCall.Json("triples", "{}"));

        Assert.Equal([1f, 0, 2], good.Floats());
        Assert.Equal(HttpStatusCode.InternalServerError, failed.Status);
        Assert.StartsWith("Version '1' failed to run: ", failed.Detail, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, bad.Status);
        await edge.WaitReportAsync(
            r => r.Counters is [{ Requests: 2, Errors: 1 } c] && c.Latency.Sum() == 1, "both are counted");
    }

    [Fact]
    public async Task Metadata_OfServerModelAndHealth_FollowsTheProtocol()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("cls", TestEngines.Classifier);
        JsonElement server = await GetAsync(edge, "/v2");
        JsonElement model = await GetAsync(edge, "/v2/models/cls/versions/1");

        Assert.Equal("binary_tensor_data", server.GetProperty("extensions")[0].GetString());
        Assert.True((await GetAsync(edge, "/v2/health/live")).GetProperty("live").GetBoolean());
        Assert.True((await GetAsync(edge, "/v2/health/ready")).GetProperty("ready").GetBoolean());
        Assert.True((await GetAsync(edge, "/v2/models/cls/ready")).GetProperty("ready").GetBoolean());
        Assert.Equal("cls", model.GetProperty("name").GetString());
        Assert.Equal("1", model.GetProperty("versions")[0].GetString());
        Assert.Equal("FP32", model.GetProperty("inputs")[0].GetProperty("datatype").GetString());
        Assert.Equal("[-1,3,-1,-1]", model.GetProperty("inputs")[0].GetProperty("shape").GetRawText());
        Assert.Equal("softmax_0.tmp_0", model.GetProperty("outputs")[0].GetProperty("name").GetString());
    }

    private static async Task<JsonElement> GetAsync(EdgeHarness edge, string path)
    {
        InferAnswer answer = await edge.SendAsync(new HttpRequestMessage(HttpMethod.Get, path));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("application/json", answer.ContentType);
        return answer.Json;
    }
}
