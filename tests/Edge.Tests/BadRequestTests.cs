using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Pipeline.Core.Naming;
using Pipeline.Edge.Tests.Support;

namespace Pipeline.Edge.Tests;

/// <summary>Each bad request gets its status and its one sentence, and the edge goes on.</summary>
public sealed class BadRequestTests(BadRequestTests.Served served) : IClassFixture<BadRequestTests.Served>
{
    private const string X = """ "name":"x","datatype":"FP32","shape":[1,4] """;

    [Theory]
    [InlineData("", "The JSON of the request is malformed at line 1, byte 1.")]
    [InlineData("{", "The JSON of the request is malformed at line 1, byte 2.")]
    [InlineData("[]", "The request is not a JSON object.")]
    [InlineData(
        """{"\ud800":1,"inputs":[]}""", "The JSON of the request has a member whose name is not valid Unicode text.")]
    [InlineData("{\"inputs\":[]} {}", "The JSON of the request is malformed at line 1, byte 15.")]
    [InlineData("{}", "The request has no 'inputs'.")]
    [InlineData("""{"inputs":{}}""", "'inputs' is not an array.")]
    [InlineData("""{"inputs":[1]}""", "Each of 'inputs' must be an object.")]
    [InlineData("""{"inputs":[],"inputs":[]}""", "The request names 'inputs' twice.")]
    [InlineData("""{"id":1,"inputs":[]}""", "'id' is not a string.")]
    [InlineData("""{"id":"\ud800","inputs":[]}""", "'id' is not valid Unicode text.")]
    [InlineData("""{"inputs":[]}""", "Input 'x' of type FP32 and shape [-1, 4] is missing.")]
    [InlineData("""{"inputs":[{}]}""", "An input has no 'name'.")]
    [InlineData("""{"inputs":[{"name":"x"}]}""", "Input 'x' has no 'datatype'.")]
    [InlineData("""{"inputs":[{"name":"x","datatype":"FP32"}]}""", "Input 'x' has no 'shape'.")]
    [InlineData(
        """{"inputs":[{"name":"x","datatype":"FP32","shape":[1.5]}]}""",
        "A dimension of 'shape' is not a whole number of at least 1.")]
    [InlineData(
        """{"inputs":[{"name":"x","datatype":"FP32","shape":[-1,4]}]}""",
        "A dimension of 'shape' is not a whole number of at least 1.")]
    [InlineData(
        """{"inputs":[{"name":"z","datatype":"FP32","shape":[1,4],"data":[]}]}""",
        "The model has no input 'z'; it has 'x'.")]
    [InlineData(
        """{"inputs":[{"name":"x","datatype":"FP64","shape":[1,4],"data":[]}]}""",
        "Input 'x' has type 'FP64'; the model takes FP32.")]
    [InlineData(
        """{"inputs":[{"name":"x","datatype":"BYTES","shape":[1,4],"data":[]}]}""",
        "Input 'x' has type 'BYTES', which is not supported; the model takes FP32.")]
    [InlineData(
        """{"inputs":[{"name":"x","datatype":"FP32","shape":[4],"data":[]}]}""",
        "Input 'x' has shape [4]; the model takes [-1, 4], where -1 is free.")]
    [InlineData(
        """{"inputs":[{"name":"x","datatype":"FP32","shape":[1,5],"data":[]}]}""",
        "Input 'x' has shape [1, 5]; the model takes [-1, 4], where -1 is free.")]
    [InlineData(
        """{"inputs":[{"name":"x","datatype":"FP32","shape":[9,4],"data":[]}]}""",
        "Input 'x' has shape [9, 4], outside what the engine was checked for: it may be [1, 4] to [8, 4].")]
    [InlineData(
        """{"inputs":[{"name":"x","datatype":"FP32","shape":[4611686018427387904,4],"data":[]}]}""",
        "Input 'x' has shape [4611686018427387904, 4], outside what the engine was checked for: it may be [1, 4] to " +
        "[8, 4].")]
    [InlineData("{\"inputs\":[{" + X + "}]}", "Input 'x' has neither 'data' nor 'binary_data_size'.")]
    [InlineData(
        "{\"inputs\":[{" + X + ",\"data\":[1,2,3,4]},{" + X + ",\"data\":[1,2,3,4]}]}", "Input 'x' is given twice.")]
    [InlineData("{\"inputs\":[{" + X + ",\"data\":1}]}", "'data' of an input is not an array.")]
    [InlineData(
        "{\"inputs\":[{" + X + ",\"data\":[1.5,2,3]}]}",
        "Input 'x' has 3 elements; its shape [1, 4] asks for another count.")]
    [InlineData(
        "{\"inputs\":[{" + X + ",\"data\":[]}]}", "Input 'x' has fewer elements than its shape [1, 4] asks for.")]
    [InlineData(
        "{\"inputs\":[{" + X + ",\"data\":[1,2,3,4,5]}]}",
        "Input 'x' has more than 4 elements; its shape [1, 4] asks for another count.")]
    [InlineData(
        "{\"inputs\":[{" + X + ",\"data\":[1,2,3,\"NaN\"]}]}", "Element 3 of input 'x' is not a value of type FP32.")]
    [InlineData(
        "{\"inputs\":[{" + X + ",\"data\":[1,2,3,1e39]}]}", "Element 3 of input 'x' is not a value of type FP32.")]
    [InlineData(
        "{\"inputs\":[{" + X + ",\"data\":[1,2,3,null]}]}", "Element 3 of input 'x' is not a value of type FP32.")]
    [InlineData(
        "{\"inputs\":[{" + X + ",\"data\":[1,2,3,{}]}]}", "Element 3 of input 'x' is not a value of type FP32.")]
    [InlineData(
        "{\"inputs\":[{" + X + ",\"data\":[[1,2],[3,4]]}]}",
        "The arrays of input 'x' are neither flat nor nested as its shape [1, 4] says.")]
    [InlineData(
        "{\"inputs\":[{" + X + ",\"data\":[1,[2,3,4]]}]}",
        "The arrays of input 'x' are neither flat nor nested as its shape [1, 4] says.")]
    [InlineData(
        "{\"inputs\":[{" + X + ",\"data\":[[[1,2,3,4]]]}]}",
        "The arrays of input 'x' are neither flat nor nested as its shape [1, 4] says.")]
    [InlineData(
        "{\"inputs\":[{" + X + ",\"data\":[1,2,3,4]}],\"outputs\":[{\"name\":\"z\"}]}", "The model has no output 'z'.")]
    [InlineData(
        "{\"inputs\":[{" + X + ",\"data\":[1,2,3,4]}],\"outputs\":[{\"name\":\"y\"},{\"name\":\"y\"}]}",
        "Output 'y' is asked for twice.")]
    [InlineData("{\"inputs\":[{" + X + ",\"data\":[1,2,3,4]}],\"outputs\":[{}]}", "An output has no 'name'.")]
    [InlineData(
        "{\"inputs\":[{" + X + ",\"data\":[1,2,3,4]}],\"parameters\":{\"binary_data_output\":1}}",
        "Parameter 'binary_data_output' is neither true nor false.")]
    [InlineData(
        "{\"inputs\":[{" + X + ",\"data\":[1,2,3,4],\"parameters\":{\"binary_data_size\":-1}}]}",
        "Parameter 'binary_data_size' is not a whole number of bytes.")]
    [InlineData(
        "{\"inputs\":[{" + X + ",\"data\":[1,2,3,4],\"parameters\":{\"binary_data_size\":16}}]}",
        "Input 'x' has both 'data' and 'binary_data_size'.")]
    [InlineData(
        "{\"inputs\":[{" + X + ",\"parameters\":{\"binary_data_size\":16}}]}",
        "The binary data ends early: input 'x' takes 16 bytes and 0 are left.")]
    public async Task Json_ThatIsWrong_IsRefusedWithOneSentence(string json, string sentence)
    {
        InferAnswer answer = await served.Edge.SendAsync(InferCall.Json("add", json));
        AssertProblem(answer, HttpStatusCode.BadRequest, sentence);
    }

    [Theory]
    [InlineData(16, 16, null, null)]
    [InlineData(16, 15, null, "The binary data ends early: input 'x' takes 16 bytes and 15 are left.")]
    [InlineData(16, 17, null, "The binary data has 1 bytes that no input claims.")]
    [InlineData(12, 12, null, "Input 'x' has a 'binary_data_size' of 12 bytes; type FP32 and shape [1, 4] take 16.")]
    [InlineData(16, 16, 5, "The JSON of the request is malformed at line 1, byte 6.")]
    [InlineData(16, 16, 0, "The JSON of the request is malformed at line 1, byte 1.")]
    [InlineData(16, 16, 5000, "Header 'Inference-Header-Content-Length' says 5000 bytes, but the whole body has 112.")]
    [InlineData(16, 16, -1, "Header 'Inference-Header-Content-Length' is '-1', not a number of bytes.")]
    public async Task Binary_ThatIsWrong_IsRefusedWithOneSentence(
        int stated, int sent, int? headerLength, string? sentence)
    {
        string json = "{\"inputs\":[{" + X + ",\"parameters\":{\"binary_data_size\":" + stated + "}}]}";
        InferAnswer answer = await served.Edge.SendAsync(InferCall.Binary("add", json, new byte[sent], headerLength));
        if (sentence is null) Assert.Equal(HttpStatusCode.OK, answer.Status);
        else AssertProblem(answer, HttpStatusCode.BadRequest, sentence);
    }

    [Theory]
    [InlineData("/v2/models/none/infer", null, 404, "There is no model 'none' here.")]
    [InlineData("/v2/models/add/versions/2/infer", null, 404, "Version '2' of model 'add' does not serve here.")]
    [InlineData("/v2/models/add/versions/!/infer", null, 400, "'!' is not a version: " + Names.VersionRule + ".")]
    [InlineData("/v2/models/add/infer", "7", 404, "Version '7' of model 'add' does not serve here.")]
    [InlineData("/v2/models/add/infer", "candidate", 404, "Model 'add' has no candidate here.")]
    [InlineData(
        "/v2/models/add/versions/1/infer", "2", 400,
        "The address and header 'x-route-tag' ask for different versions.")]
    [InlineData("/v2/models/add/infers", null, 404, "There is nothing at this address for this method.")]
    [InlineData("/v2/health/live", null, 405, "There is nothing at this address for this method.")]
    public async Task Address_ThatServesNothing_IsRefusedWithOneSentence(
        string path, string? tag, int status, string sentence)
    {
        HttpRequestMessage request = InferCall.Row("add", 1);
        request.RequestUri = new Uri(path, UriKind.Relative);
        if (tag is not null) request.With("x-route-tag", tag);
        AssertProblem(await served.Edge.SendAsync(request), (HttpStatusCode)status, sentence);
    }

    [Fact]
    public async Task Body_OfAnotherMediaTypeOrCompressed_IsRefused()
    {
        HttpRequestMessage form = InferCall.Row("add", 1);
        form.Content!.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
        HttpRequestMessage zipped = InferCall.Row("add", 1);
        zipped.Content!.Headers.ContentEncoding.Add("gzip");

        AssertProblem(
            await served.Edge.SendAsync(form), HttpStatusCode.UnsupportedMediaType,
            "Media type 'application/x-www-form-urlencoded' is not taken; send application/json or " +
            "application/octet-stream.");
        AssertProblem(
            await served.Edge.SendAsync(zipped), HttpStatusCode.UnsupportedMediaType,
            "Compressed bodies are not taken; send without Content-Encoding.");
    }

    [Theory]
    [InlineData(false, "The body has 2000 bytes; the largest that is taken is 1024.")]
    [InlineData(true, "The body has more than 1024 bytes; the largest that is taken is 1024.")]
    public async Task Body_BeyondTheLimit_IsRefused(bool chunked, string sentence)
    {
        HttpRequestMessage request = InferCall.Json("add", new string(' ', 2000));
        if (chunked) request.Headers.TransferEncodingChunked = true;
        AssertProblem(await served.Edge.SendAsync(request), HttpStatusCode.RequestEntityTooLarge, sentence);
    }

    [Fact]
    public async Task Body_SentInChunks_IsReadWhole()
    {
        HttpRequestMessage request = InferCall.Row("add", 1);
        request.Headers.TransferEncodingChunked = true;
        InferAnswer answer = await served.Edge.SendAsync(request);
        Assert.Equal([2f, 1, 1, 1], answer.Floats());
    }

    [Fact]
    public async Task Client_ThatGoesAwayHalfWay_CountsAsNothing()
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        using (var client = new TcpClient())
        {
            await client.ConnectAsync("127.0.0.1", served.Edge.Client.BaseAddress!.Port, cancellationToken);
            await client.GetStream().WriteAsync(
                Encoding.ASCII.GetBytes(
                    "POST /v2/models/add/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{\"inputs\""),
                cancellationToken);
            await EdgeHarness.Until(() => served.Edge.Gate.InFlight == 1, "the request is in flight");
        }

        await EdgeHarness.Until(() => served.Edge.Gate.InFlight == 0, "the request is given up");
        Assert.Equal(0, served.Edge.Gate.BufferedBytes);
        InferAnswer next = await served.Edge.SendAsync(InferCall.Row("add", 1));
        Assert.Equal(HttpStatusCode.OK, next.Status);
    }

    private static void AssertProblem(InferAnswer answer, HttpStatusCode status, string sentence)
    {
        Assert.Equal(sentence, answer.Detail);
        Assert.Equal(status, answer.Status);
        Assert.Equal("application/problem+json", answer.ContentType);
        Assert.Equal((int)status, answer.Json.GetProperty("status").GetInt32());
    }

    /// <summary>One edge for all cases: they must not disturb each other.</summary>
    public sealed class Served : IAsyncLifetime
    {
        internal EdgeHarness Edge { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Edge = await EdgeHarness.ServeAsync(
            "add", TestEngines.Build(TinyOnnx.Add(1)), Profiles.Rows(8), o => o with { MaximumBodyBytes = 1024 });

        public ValueTask DisposeAsync() => Edge.DisposeAsync();
    }
}
