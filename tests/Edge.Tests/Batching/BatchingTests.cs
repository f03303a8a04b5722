using System.Net;
using System.Runtime.InteropServices;
using Pipeline.Core.Policies;
using Pipeline.Edge.Tests.Support;

namespace Pipeline.Edge.Tests.Batching;

public sealed class BatchingTests
{
    private static readonly ShapeProfile Wide = Profiles.Of("x", [1, 1], [8, 64]);

    [Fact]
    public async Task Requests_QueuedWhileTheLaneIsBusy_RunTogetherByShape()
    {
        var backend = new GatedBackend();
        await using EdgeHarness edge = await EdgeHarness.ServeAsync(
            "add", TestEngines.Build(TinyOnnx.AddWide(1)), Wide, o => o with { ExecutionLanes = 1 }, backend);
        backend.Shut();
        Task<InferAnswer> first = edge.SendAsync(InferCall.Rows("add", 1, 0));
        await EdgeHarness.Until(() => backend.Waiting == 1, "the lane is busy");
        Task<InferAnswer>[] queued =
        [
            await QueueAsync(edge, 1, InferCall.Rows("add", 1, 10, 11)),
            await QueueAsync(edge, 2, InferCall.Rows("add", 1, 20, 21, 22)),
            await QueueAsync(edge, 3, InferCall.Rows("add", 2, 30, 31, 32, 33)),
            await QueueAsync(edge, 4, InferCall.Rows("add", 2, 40, 41, 42, 43, 44, 45)),
            await QueueAsync(edge, 5, InferCall.Rows("add", 1, 50, 51)),
        ];
        backend.Open();

        AssertRows(await first, 1f);
        AssertRows(await queued[0], 11f, 12);
        AssertRows(await queued[1], 21f, 22, 23);
        AssertRows(await queued[2], 31f, 32, 33, 34);
        AssertRows(await queued[3], 41f, 42, 43, 44, 45, 46);
        AssertRows(await queued[4], 51f, 52);
        Assert.Equal("[2,3]", Shape(await queued[3]));
        Assert.Equal([1L, 4, 3], backend.Rows);
    }

    [Fact]
    public async Task Batch_BeyondTheMostItems_IsSplit()
    {
        var backend = new GatedBackend();
        await using EdgeHarness edge = await EdgeHarness.ServeAsync(
            "add", TestEngines.Build(TinyOnnx.AddWide(1)), Wide, o => o with { ExecutionLanes = 1 }, backend,
            new BatchingPolicy { ItemsMaximum = 3 });
        backend.Shut();
        Task<InferAnswer> first = edge.SendAsync(InferCall.Rows("add", 1, 0));
        await EdgeHarness.Until(() => backend.Waiting == 1, "the lane is busy");
        var queued = new List<Task<InferAnswer>>();
        for (int i = 0; i < 4; i++) queued.Add(await QueueAsync(edge, i + 1, InferCall.Rows("add", 1, i)));
        queued.Add(await QueueAsync(edge, 5, InferCall.Rows("add", 5, 5, 6, 7, 8, 9)));
        backend.Open();

        await first;
        for (int i = 0; i < 4; i++) AssertRows(await queued[i], i + 1f);
        AssertRows(await queued[4], 6f, 7, 8, 9, 10);
        Assert.Equal([1L, 3, 1, 5], backend.Rows);
        Assert.Equal(3, edge.Plan("add").ItemsMaximum);
    }

    [Fact]
    public async Task Lane_ThatMayWait_RunsAsSoonAsTheBatchIsFull()
    {
        var backend = new GatedBackend();
        await using EdgeHarness edge = await EdgeHarness.ServeAsync(
            "add", TestEngines.Build(TinyOnnx.AddWide(1)), Wide, o => o with { ExecutionLanes = 2 }, backend,
            new BatchingPolicy { ItemsMaximum = 2, Wait = TimeSpan.FromHours(1) });
        Task<InferAnswer> first = edge.SendAsync(InferCall.Rows("add", 1, 1));
        Task<InferAnswer> second = edge.SendAsync(InferCall.Rows("add", 1, 2));
        AssertRows(await first, 2f);
        AssertRows(await second, 3f);
        Assert.Equal([2L], backend.Rows);

        // Alone it would wait for an hour; its own deadline makes it run in time.
        InferAnswer alone = await edge.SendAsync(InferCall.Rows("add", 1, 5).With("x-request-timeout-ms", "2000"));
        Assert.Equal([6f], alone.BinaryFloats());
    }

    [Fact]
    public async Task Inputs_OfPaddedAxes_ShareARunAndAnswerInThePaddedShape()
    {
        var backend = new GatedBackend();
        await using EdgeHarness edge = await EdgeHarness.ServeAsync(
            "add", TestEngines.Build(TinyOnnx.AddWide(1)), Profiles.Of("x", [1, 1], [8, 9]),
            o => o with { ExecutionLanes = 1 }, backend,
            new BatchingPolicy { Padding = [new PaddedAxis { Input = "x", Axis = 1, Multiple = 4, Value = -3 }] });
        backend.Shut();
        Task<InferAnswer> first = edge.SendAsync(InferCall.Rows("add", 1, 7));
        await EdgeHarness.Until(() => backend.Waiting == 1, "the lane is busy");
        Task<InferAnswer> three = await QueueAsync(edge, 1, InferCall.Rows("add", 2, 1, 2, 3, 4, 5, 6));
        Task<InferAnswer> four = await QueueAsync(edge, 2, InferCall.Rows("add", 1, 1, 2, 3, 4));
        Task<InferAnswer> nine = await QueueAsync(edge, 3, InferCall.Rows("add", 1, 1, 2, 3, 4, 5, 6, 7, 8, 9));
        backend.Open();

        AssertRows(await first, 8f, -2, -2, -2);
        AssertRows(await three, 2f, 3, 4, -2, 5, 6, 7, -2);
        Assert.Equal("[2,4]", Shape(await three));
        AssertRows(await four, 2f, 3, 4, 5);
        // To 12 would be outside the profile, so it runs as it came.
        AssertRows(await nine, 2f, 3, 4, 5, 6, 7, 8, 9, 10);
        Assert.Equal([1L, 3, 1], backend.Rows);
    }

    [Fact]
    public async Task Batch_WithOneBadRequest_FailsOnlyThatOne()
    {
        var backend = new GatedBackend();
        await using EdgeHarness edge = await EdgeHarness.ServeAsync(
            "lookup", TestEngines.Build(TinyOnnx.Lookup()), Profiles.Of("x", [1], [8]), o => o with { ExecutionLanes = 1 },
            backend);
        backend.Shut();
        Task<InferAnswer> first = edge.SendAsync(Lookup(0));
        await EdgeHarness.Until(() => backend.Waiting == 1, "the lane is busy");
        Task<InferAnswer> good = await QueueAsync(edge, 1, Lookup(1));
        Task<InferAnswer> bad = await QueueAsync(edge, 2, Lookup(7));
        Task<InferAnswer> alsoGood = await QueueAsync(edge, 3, Lookup(0));
        backend.Open();

        Assert.Equal(10f, Assert.Single((await first).Floats()));
        Assert.Equal(20f, Assert.Single((await good).Floats()));
        Assert.Equal(HttpStatusCode.BadRequest, (await bad).Status);
        Assert.StartsWith("Version '1' does not take the input: ", (await bad).Detail, StringComparison.Ordinal);
        Assert.Equal(10f, Assert.Single((await alsoGood).Floats()));
        Assert.Equal([1L, 3, 1, 1, 1], backend.Rows);
        await edge.WaitReportAsync(r => r.Counters is [{ Requests: 4, Errors: 1 }], "one of four requests failed");
    }

    [Fact]
    public async Task Answers_UnderConcurrency_GoToTheirOwnSenders()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("add", TestEngines.Build(TinyOnnx.AddWide(1)), Wide);
        Assert.Null(edge.Plan("add").WhyNot);
        await Task.WhenAll(Enumerable.Range(0, 24).Select(client => Task.Run(async () =>
        {
            var random = new Random(client);
            for (int i = 0; i < 60; i++)
            {
                int rows = random.Next(1, 4);
                float[] values = [.. Enumerable.Range(0, rows * random.Next(1, 4)).Select(_ => (float)random.Next(1_000_000))];
                InferAnswer answer = await edge.SendAsync(InferCall.Rows("add", rows, values));
                Assert.Equal([.. values.Select(v => v + 1)], answer.BinaryFloats());
            }
        })));
        Assert.Equal(0, edge.Gate.InFlight);
        Assert.Equal(0, edge.Gate.BufferedBytes);
    }

    [Fact]
    public async Task Classifier_InBatches_AnswersAsAlone()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync(
            "cls", TestEngines.Classifier, Profiles.Of("x", [1, 3, 48, 32], [8, 3, 48, 192]));
        float[] Image(int seed)
        {
            var random = new Random(seed);
            return [.. Enumerable.Range(0, 3 * 48 * 32).Select(_ => random.NextSingle() * 2 - 1)];
        }

        HttpRequestMessage Ask(int seed) => InferCall.Binary(
            "cls",
            """
            {"inputs":[{"name":"x","shape":[1,3,48,32],"datatype":"FP32","parameters":{"binary_data_size":18432}}],
             "parameters":{"binary_data_output":true}}
            """,
            MemoryMarshal.AsBytes<float>(Image(seed)));
        var alone = new List<float[]>();
        for (int i = 0; i < 16; i++) alone.Add((await edge.SendAsync(Ask(i))).BinaryFloats());
        InferAnswer[] together = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => edge.SendAsync(Ask(i))));

        Assert.Null(edge.Plan("cls").WhyNot);
        for (int i = 0; i < 16; i++)
        {
            float[] answer = together[i].BinaryFloats();
            Assert.Equal(alone[i].Length, answer.Length);
            for (int c = 0; c < answer.Length; c++) Assert.Equal(alone[i][c], answer[c], 1e-5f);
        }
    }

    [Fact]
    public async Task Versions_WithTheSameEngine_EachHaveTheirOwnPolicyAndProfiles()
    {
        byte[] engine = TestEngines.Build(TinyOnnx.AddWide(1));
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("add", engine, Wide);
        Assert.Equal(8, edge.Plan("add").ItemsMaximum);
        edge.Publish(edge.Route(
            "add", edge.Version("add", "2", engine, Wide) with { Batching = new BatchingPolicy { ItemsMaximum = 1 } },
            edge.Version("add", "3", engine, Profiles.Of("x", [1, 1], [4, 65]))));
        await edge.WaitServingAsync("add", "2", "3");
        Assert.Equal("The policy switches batching off.", edge.Plan("add").WhyNot);
        Assert.Equal(4, edge.State.Table.Models["add"].Candidate!.Plan.ItemsMaximum);
        Assert.Equal(1, edge.Shelf.Loads);

        HttpRequestMessage Ask() => InferCall.Rows("add", 1, new float[65]);
        Assert.Equal(HttpStatusCode.BadRequest, (await edge.SendAsync(Ask())).Status);
        Assert.Equal(HttpStatusCode.OK, (await edge.SendAsync(Ask().With("x-route-tag", "candidate"))).Status);
    }

    [Fact]
    public async Task Shadow_ThatCameFirst_RunsLast()
    {
        var backend = new GatedBackend();
        await using EdgeHarness edge = await EdgeHarness.ServeAsync(
            "add", TestEngines.Build(TinyOnnx.AddWide(1)), Wide, o => o with { ExecutionLanes = 1 }, backend);
        backend.Shut();
        Task<InferAnswer> first = edge.SendAsync(InferCall.Rows("add", 1, 0));
        await EdgeHarness.Until(() => backend.Waiting == 1, "the lane is busy");
        using var shadow = new FloatRun(edge.Plan("add"), 4, 1, 2, 3, 4);
        Assert.True(edge.Scheduler("add").TrySubmitShadow(shadow.Request));
        Task<InferAnswer> second = await QueueAsync(edge, 1, InferCall.Rows("add", 2, 5, 6));
        backend.Open();

        await shadow.AssertAnswerAsync(2f, 3, 4, 5);
        await first;
        AssertRows(await second, 6, 7);
        Assert.Equal([1L, 2, 4], backend.Rows);
    }

    private static async Task<Task<InferAnswer>> QueueAsync(EdgeHarness edge, int depth, HttpRequestMessage request)
    {
        string model = request.RequestUri!.OriginalString.Split('/')[3];
        Task<InferAnswer> answer = edge.SendAsync(request);
        await EdgeHarness.Until(() => edge.Scheduler(model).QueueDepth == depth, $"{depth} requests wait");
        return answer;
    }

    private static HttpRequestMessage Lookup(int index) => InferCall.Json(
        "lookup", "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"INT64\",\"shape\":[1],\"data\":[" + index + "]}]}");

    private static void AssertRows(InferAnswer answer, params float[] expected) => Assert.Equal(expected, answer.BinaryFloats());

    private static string Shape(InferAnswer answer) => answer.Json.GetProperty("outputs")[0].GetProperty("shape").GetRawText();
}
