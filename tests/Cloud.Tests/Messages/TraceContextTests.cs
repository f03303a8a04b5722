using System.Diagnostics;
using Pipeline.Cloud.Messages;

namespace Pipeline.Cloud.Tests.Messages;

public sealed class TraceContextTests
{
    private const string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Fact]
    public void Trace_FromAMessage_GoesOnInTheActivity()
    {
        using var source = new ActivitySource("Pipeline.Cloud.Tests");
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => s == source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        var properties = new Dictionary<string, object>();
        TraceContext.Write(properties, TraceParent);

        using Activity? activity = TraceContext.Start(
            source, "build", ActivityKind.Consumer, TraceContext.Read(properties));

        Assert.Equal("0af7651916cd43dd8448eb211c80319c", activity?.TraceId.ToHexString());
        Assert.Equal("b7ad6b7169203331", activity?.ParentSpanId.ToHexString());
        Assert.Equal(activity?.Id, TraceContext.Or(null));
        Assert.Equal(TraceParent, TraceContext.Or(TraceParent));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00-0-0-01")]
    [InlineData("00-00000000000000000000000000000000-0000000000000000-01; drop")]
    public void Trace_ThatIsNone_IsIgnored(string text) =>
        Assert.Null(TraceContext.Read(new Dictionary<string, object> { ["traceparent"] = text }));

    [Fact]
    public void Trace_OfAnotherType_IsIgnored() =>
        Assert.Null(TraceContext.Read(new Dictionary<string, object> { ["traceparent"] = 7 }));
}
