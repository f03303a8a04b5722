using System.Diagnostics;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.EmbeddedHost;
using Microsoft.Azure.Functions.Worker.EmbeddedHost.ServiceBus;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Pipeline.Functions.Tests.Host;

public sealed class ServiceBusTriggerTests : IAsyncDisposable
{
    private const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private const string HostJson = """
        { "version": "2.0", "extensions": { "serviceBus": {
          "clientRetryOptions": { "maxRetries": 0, "tryTimeout": "00:00:01" } } } }
        """;

    private readonly TestHost _host = TestHost.With(HostJson, arguments:
    [
        "--Queue=blob-events", "--Subscription=gatekeeper",
        "--Bus=Endpoint=sb://localhost:1;SharedAccessKeyName=a;SharedAccessKey=b;UseDevelopmentEmulator=true;",
    ]);

    private readonly RecordingActions _actions = new();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("good", "completed m1")]
    [InlineData("bad", "dead-lettered m1: Bad, no JSON")]
    public async Task Message_IsSettledByTheFunction(string subject, string settled)
    {
        await HandleAsync(
            "Settles", ServiceBusModelFactory.ServiceBusReceivedMessage(messageId: "m1", subject: subject));

        Assert.Equal([settled], _actions.Settled);
        Assert.Equal([true, "scope ended"], _host.Journal.Notes.Skip(1));
    }

    [Theory]
    [InlineData("traceparent")]
    [InlineData("Diagnostic-Id")]
    public async Task Message_WithATraceContext_IsItsParent(string property)
    {
        using var before = new Activity("unrelated").Start();
        await HandleAsync("Settles", ServiceBusModelFactory.ServiceBusReceivedMessage(
            properties: new Dictionary<string, object> { [property] = Trace }));

        string traceParent = Assert.IsType<string>(_host.Journal.Notes[0]);
        Assert.StartsWith(Trace[..36], traceParent, StringComparison.Ordinal);
        Assert.NotEqual(Trace, traceParent);
    }

    [Theory]
    [InlineData("Text", "héllo")]
    [InlineData("Data", "héllo")]
    [InlineData("Bytes", 6)]
    public async Task Body_IsBoundByType(string function, object expected)
    {
        await HandleAsync(function, ServiceBusModelFactory.ServiceBusReceivedMessage(BinaryData.FromString("héllo")));

        Assert.Equal(expected, _host.Journal.Notes[0]);
    }

    [Fact]
    public async Task Exception_IsThrownToTheProcessor_WhichAbandons()
    {
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => HandleAsync(
            "Throws", ServiceBusModelFactory.ServiceBusReceivedMessage(BinaryData.FromString("why"))));

        Assert.Equal("why", thrown.Message);
        Assert.Empty(_actions.Settled);
        Assert.Contains(_host.Logs.Lines, line => line.Category == "Function.Throws" && line.Text.Contains("Failed"));
    }

    [Fact]
    public void Binding_ResolvesNames_AndAutoCompleteFromAttributeElseHostJson()
    {
        FunctionCatalog catalog = Catalog();

        Assert.Equal(
            new ServiceBusTriggerBinding("Bus", "blob-events", null, AutoComplete: true), catalog.All[3].Trigger);
        Assert.Equal(
            new ServiceBusTriggerBinding("Bus", "topic", "gatekeeper", AutoComplete: true), catalog.All[4].Trigger);
        Assert.Equal(
            "serviceBusTrigger (topic 'topic', subscription 'gatekeeper')", catalog.All[4].Trigger.Description);
    }

    [Fact]
    public async Task AutoComplete_OfTheAttribute_OverridesHostJson()
    {
        await using TestHost host = TestHost.With(
            hostJson: """{ "version": "2.0", "extensions": { "serviceBus": { "autoCompleteMessages": false } } }""",
            arguments: ["--Queue=q", "--Subscription=s"]);

        IReadOnlyList<FunctionDescriptor> all =
            host.Build(typeof(MessageSamples)).Services.GetRequiredService<FunctionCatalog>().All;

        Assert.True(Assert.IsType<ServiceBusTriggerBinding>(all.Single(f => f.Name == "Settles").Trigger).AutoComplete);
        Assert.False(Assert.IsType<ServiceBusTriggerBinding>(all.Single(f => f.Name == "Text").Trigger).AutoComplete);
    }

    [Fact]
    public void Output_OfStrings_IsOneMessageEachInTheTrace()
    {
        using var span = new Activity("sending").SetParentId(Trace).Start();

        ServiceBusMessage[] messages = [.. ServiceBusOutput.MessagesOf(new[] { "a", "b" })];

        Assert.Equal(["a", "b"], messages.Select(message => message.Body.ToString()));
        Assert.All(messages, message => Assert.Equal(span.Id, message.ApplicationProperties["traceparent"]));
        Assert.Equal("[not an array", Assert.Single(ServiceBusOutput.MessagesOf("[not an array")).Body.ToString());
        Assert.Empty(ServiceBusOutput.MessagesOf(null));
    }

    [Fact]
    public void Output_OfAJsonArray_IsRefused() =>
        Assert.Throws<InvalidOperationException>(() => ServiceBusOutput.MessagesOf(" [1, 2]").ToArray());

    [Fact]
    public async Task Output_ThatIsNull_SendsNothing() =>
        await HandleAsync("Forwards", ServiceBusModelFactory.ServiceBusReceivedMessage(BinaryData.FromString("")));

    [Theory]
    [InlineData("--None=", "Setting 'Bus' is not set")]
    [InlineData("--Bus=Endpoint=nonsense", "Setting 'Bus' is no Service Bus connection")]
    public async Task Connection_ThatIsMissingOrMalformed_StopsTheStart(string setting, string said)
    {
        await using TestHost host = TestHost.With(arguments: ["--Queue=q", "--Subscription=s", setting]);
        IHost built = host.Build(typeof(MessageSamples));

        var fault = await Assert.ThrowsAsync<FunctionWorkerException>(
            () => built.StartAsync(TestContext.Current.CancellationToken));

        Assert.StartsWith(said, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connection_OfAnIdentity_NeedsOnlyTheNamespace()
    {
        await using TestHost host = TestHost.With(arguments:
        [
            "--Queue=q", "--Subscription=s", "--Bus:fullyQualifiedNamespace=bus.servicebus.windows.net",
            "--Bus:credential=managedidentity", "--Bus:clientId=00000000-0000-0000-0000-000000000001",
        ]);

        ServiceBusClient client = host.Build(typeof(MessageSamples)).Services
            .GetRequiredService<ServiceBusConnections>().Get("Bus");

        Assert.Equal("bus.servicebus.windows.net", client.FullyQualifiedNamespace);
    }

    [Fact]
    public async Task Start_WithoutAReachableBus_GoesOnTryingAndStops()
    {
        await _host.RunAsync(typeof(MessageSamples));

        await Eventually.HoldsAsync(
            () => _host.Logs.Lines.Any(line => line.Text.Contains("Service Bus 'blob-events' for 'Settles'")),
            "trouble is logged");
    }

    private FunctionCatalog Catalog() =>
        (_host.Host ?? _host.Build(typeof(MessageSamples))).Services.GetRequiredService<FunctionCatalog>();

    private Task HandleAsync(string function, ServiceBusReceivedMessage message)
    {
        FunctionDescriptor descriptor = Catalog().All.Single(f => f.Name == function);
        return _host.Host.Services.GetRequiredService<ServiceBusListener>()
            .HandleAsync(descriptor, message, _actions, TestContext.Current.CancellationToken);
    }
}
