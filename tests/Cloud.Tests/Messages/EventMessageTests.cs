using System.Diagnostics;
using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Pipeline.Cloud.Messages;
using Pipeline.Core.Builds;
using Pipeline.Core.Events;
using Pipeline.Core.Naming;

namespace Pipeline.Cloud.Tests.Messages;

public sealed class EventMessageTests
{
    private static readonly ModelVersion Id = new("ocr-rec", "4");

    [Fact]
    public void Event_AsAMessage_HasTheFrozenShape()
    {
        ServiceBusMessage message = EventPublisher.MessageOf(Create(Samples.Built(Id)));

        Assert.Equal(
            """
            {"specversion":"1.0","id":"ID","source":"/promotion-pipeline","type":"pipeline.engine.built",
            "subject":"ocr-rec/4","time":"2026-03-04T05:06:07+00:00","datacontenttype":"application/json",
            "data":{"schema":1,"model":"ocr-rec","version":"4","acceptanceNumber":1,
            "lane":"cpu-x64-avx2/ort-1.29.0-cpu","attempt":1,"engineKey":"KEY","engineDigest":"ENGINE",
            "reportSha256":"REPORT"}}
            """.ReplaceLineEndings("")
                .Replace("ID", message.MessageId, StringComparison.Ordinal)
                .Replace("KEY", Samples.Digest("key"), StringComparison.Ordinal)
                .Replace("ENGINE", Samples.Digest("engine"), StringComparison.Ordinal)
                .Replace("REPORT", Samples.Digest("report"), StringComparison.Ordinal),
            message.Body.ToString());
        Assert.Equal("pipeline.engine.built", message.ApplicationProperties["type"]);
        Assert.Equal("application/cloudevents+json; charset=utf-8", message.ContentType);
        Assert.Equal(32, message.MessageId.Length);
    }

    [Fact]
    public void EventId_FollowsFromTheContentAlone()
    {
        CloudEvent first = Create(Samples.Built(Id));

        Assert.Equal(first.Id, CloudEvent.Create(
            EventTypes.EngineBuilt, "ocr-rec/4", Samples.Built(Id), Samples.Now.AddDays(1)).Id);
        Assert.NotEqual(first.Id, Create(Samples.Built(Id) with { Attempt = 2 }).Id);
        Assert.NotEqual(first.Id, CloudEvent.Create(
            EventTypes.EngineBuilt, "ocr-rec/5", Samples.Built(Id), Samples.Now).Id);
    }

    [Fact]
    public void Event_UnderATrace_CarriesItInPropertyAndBody()
    {
        using var activity = new Activity("gate");
        activity.SetIdFormat(ActivityIdFormat.W3C).Start();

        ServiceBusMessage message = EventPublisher.MessageOf(Create(Samples.Built(Id)));

        Assert.Equal(activity.Id, message.ApplicationProperties["traceparent"]);
        Assert.Equal(activity.Id, message.Body.ToObjectFromJson<JsonElement>().GetProperty("traceparent").GetString());
    }

    [Fact]
    public void BuildRequest_AsAMessage_IsReadBack()
    {
        BuildRequest request = Samples.Request(Id);

        ServiceBusMessage message = BuildQueue.MessageOf(request, BuildMessageId.Of(request), traceParent: null);

        BuildRequest? read = BuildRequestReader.TryRead(message.Body, out string? fault);
        Assert.Null(fault);
        Assert.Equal(request.Source, read?.Source);
        Assert.Equal(request.Lane, read?.Lane);
        Assert.Equal("ocr-rec/4", message.Subject);
        Assert.False(message.ApplicationProperties.ContainsKey("traceparent"));
    }

    [Fact]
    public void BuildRequest_WithoutATraceUnderWay_CarriesThePromotions()
    {
        const string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        BuildRequest request = Samples.Request(Id);

        ServiceBusMessage message = BuildQueue.MessageOf(request, "id", TraceParent);

        Assert.Equal(TraceParent, message.ApplicationProperties["traceparent"]);
    }

    [Fact]
    public void BuildRequest_LargerThanAMessage_IsRefused()
    {
        BuildRequest large = Samples.Request(Id) with
        {
            Golden = [.. Enumerable.Range(0, 2000).Select(i => Samples.File($"{Id}/golden/{i}.npz"))],
        };

        Assert.Throws<InvalidDataException>(() => BuildQueue.MessageOf(large, "id", traceParent: null));
    }

    private static CloudEvent Create(EngineBuilt built) =>
        CloudEvent.Create(EventTypes.EngineBuilt, "ocr-rec/4", built, Samples.Now);
}
