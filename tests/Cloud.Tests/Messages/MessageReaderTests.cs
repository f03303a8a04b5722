using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Cloud.Messages;
using Pipeline.Core.Builds;
using Pipeline.Core.Events;
using Pipeline.Core.Json;
using Pipeline.Core.Naming;

namespace Pipeline.Cloud.Tests.Messages;

public sealed class MessageReaderTests
{
    private static readonly ModelVersion Id = new("ocr-rec", "4");

    [Fact]
    public void Outcome_Built_IsRead()
    {
        EngineOutcome outcome = EngineOutcomeReader.Read(EventBody());

        Assert.Equal(Samples.Built(Id), Assert.IsType<EngineOutcome.Built>(outcome).Event);
    }

    [Fact]
    public void Outcome_Failed_IsReadWithABoundedMessage()
    {
        var failed = new EngineFailed
        {
            Schema = EngineFailed.CurrentSchema,
            Model = "ocr-rec",
            Version = "4",
            AcceptanceNumber = 1,
            Lane = Samples.Lane,
            Attempt = 1,
            Kind = BuildFailureKind.UnsupportedOperator,
            Message = new string('x', 10_000),
        };
        CloudEvent cloudEvent = CloudEvent.Create(EventTypes.EngineFailed, "ocr-rec/4", failed, Samples.Now);

        EngineOutcome outcome = EngineOutcomeReader.Read(EventPublisher.MessageOf(cloudEvent).Body);

        EngineFailed read = Assert.IsType<EngineOutcome.Failed>(outcome).Event;
        Assert.Equal(BuildFailureKind.UnsupportedOperator, read.Kind);
        Assert.Equal(EngineOutcomeReader.MessageLengthMaximum, read.Message.Length);
    }

    [Theory]
    [InlineData("specversion", "\"0.3\"", "CloudEvents")]
    [InlineData("id", "\"\"", "id")]
    [InlineData("id", "7", "not a")]
    [InlineData("source", "\"\"", "source")]
    [InlineData("type", "\"pipeline.other\"", "neither")]
    [InlineData("type", null, "required")]
    [InlineData("data", "[]", "not an object")]
    [InlineData("data", null, "required")]
    [InlineData("data.schema", "2", "schema version '2'")]
    [InlineData("data.schema", null, "no schema version")]
    [InlineData("data.schema", "\"1\"", "not a")]
    [InlineData("data.model", "\"../x\"", "model")]
    [InlineData("data.version", "\"a/b\"", "version")]
    [InlineData("data.acceptanceNumber", "0", "number")]
    [InlineData("data.attempt", "0", "attempt")]
    [InlineData("data.lane", "\"sm_75\"", "lane")]
    [InlineData("data.lane", "7", "not a")]
    [InlineData("data.engineKey", "\"abc\"", "SHA-256")]
    [InlineData("data.engineDigest", "\"../../x\"", "SHA-256")]
    [InlineData("data.reportSha256", "null", "null")]
    public void Outcome_WithAHostilePart_IsUnreadable(string path, string? json, string inFault) => AssertUnreadable(
        BinaryData.FromString(Edited(EventBody(), path, json)), inFault);

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\u0001")]
    public void Outcome_ThatIsNoEvent_IsUnreadable(string body) =>
        AssertUnreadable(BinaryData.FromString(body), "document");

    [Fact]
    public void Outcome_ThatIsNoText_IsUnreadable() =>
        AssertUnreadable(BinaryData.FromBytes(new byte[] { 0x22, 0xff, 0xfe, 0x22 }), "document");

    [Fact]
    public void Outcome_NestedWithoutEnd_IsUnreadable() => AssertUnreadable(
        BinaryData.FromString(Edited(EventBody(), "data", new string('[', 40) + new string(']', 40))), "document");

    [Fact]
    public void Outcome_LargerThanAMessage_IsUnreadable() =>
        AssertUnreadable(BinaryData.FromString(new string(' ', 300_000)), "at most");

    [Theory]
    [InlineData("schema", "2", "schema version '2'")]
    [InlineData("schema", null, "no schema version")]
    [InlineData("model", "\"a/b\"", "model")]
    [InlineData("attempt", "0", "attempt")]
    [InlineData("acceptanceNumber", "-1", "number")]
    [InlineData("lane", "\"nowhere\"", "lane")]
    [InlineData("policy", null, "required")]
    [InlineData("source.path", "\"other/4/model.onnx\"", "outside")]
    [InlineData("source.path", "\"ocr-rec/4/../5/model.onnx\"", "outside")]
    [InlineData("source.sha256", "\"x\"", "digest")]
    [InlineData("source.sizeBytes", "-1", "size")]
    [InlineData("source.eTag", "\"\"", "ETag")]
    [InlineData("golden", "[{\"path\":\"/etc/passwd\",\"eTag\":\"x\",\"sizeBytes\":1,\"sha256\":\"x\"}]", "outside")]
    [InlineData("golden", "[null]", "null")]
    [InlineData("policy.targets", "[null]", "null")]
    [InlineData("baseline.engineKey", "\"../../models\"", "the engine that serves")]
    [InlineData("baseline.engineDigest", "\"x\"", "the engine that serves")]
    [InlineData("baseline.sizeBytes", "0", "the engine that serves")]
    public void BuildRequest_WithAHostilePart_HasAFault(string path, string? json, string inFault)
    {
        var body = BinaryData.FromString(
            Edited(BinaryData.FromBytes(PipelineJson.Write(Samples.Request(Id))), path, json));

        Assert.Null(BuildRequestReader.TryRead(body, out string? fault));
        Assert.Contains(inFault, fault, StringComparison.OrdinalIgnoreCase);
    }

    private static void AssertUnreadable(BinaryData body, string inFault)
    {
        string fault = Assert.IsType<EngineOutcome.Unreadable>(EngineOutcomeReader.Read(body)).Fault;
        Assert.Contains(inFault, fault, StringComparison.OrdinalIgnoreCase);
        Assert.InRange(fault.Length, 1, 1000);
    }

    private static BinaryData EventBody() => EventPublisher.MessageOf(
        CloudEvent.Create(EventTypes.EngineBuilt, "ocr-rec/4", Samples.Built(Id), Samples.Now)).Body;

    // Replaces what lies under a dotted path, or removes it when there is no replacement.
    private static string Edited(BinaryData body, string path, string? json)
    {
        JsonObject root = JsonNode.Parse(body)!.AsObject();
        string[] parts = path.Split('.');
        JsonObject parent = parts[..^1].Aggregate(root, (node, part) => node[part]!.AsObject());
        Assert.True(parent.ContainsKey(parts[^1]), $"There is no '{path}'.");
        parent.Remove(parts[^1]);
        if (json is not null) parent[parts[^1]] = JsonNode.Parse(json);
        return root.ToJsonString(new JsonSerializerOptions { MaxDepth = 128 });
    }
}
