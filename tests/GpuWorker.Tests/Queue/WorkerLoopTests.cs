using Azure.Messaging.ServiceBus;
using Pipeline.Cloud.Engines;
using Pipeline.Cloud.Messages;
using Pipeline.Core.Builds;
using Pipeline.Core.Naming;
using Pipeline.Testing;

namespace Pipeline.GpuWorker.Tests.Queue;

public sealed class WorkerLoopTests(CloudFixture cloud)
{
    [Fact]
    public async Task Loop_OneRequest_StoresTheReportThatTheEventNames()
    {
        await using Broker broker = await Broker.StartAsync(cloud);
        using var bench = new Workbench(cloud, messages: broker.Clients);
        BuildRequest request = await bench.RequestAsync(TestModels.Tiny(bias: 71));
        await broker.SendAsync(request);

        await bench.Loop.RunAsync(once: true, Workbench.Cancel);

        var built = Assert.IsType<EngineOutcome.Built>(await broker.OutcomeAsync()).Event;
        BuildReport? report = await new ReportStore(cloud.Clients).ReadAsync(
            new ModelVersion(request.Model, request.Version), request.Lane, built.ReportSha256, Workbench.Cancel);
        Assert.Equal(built.EngineDigest, report!.EngineDigest);
        Assert.Equal("worker-under-test", report.Worker["name"]);
        await using ServiceBusReceiver receiver = broker.Receiver();
        Assert.Null(await receiver.PeekMessageAsync(cancellationToken: Workbench.Cancel));
    }

    [Fact]
    public async Task Loop_OutsideTrouble_ReturnsTheMessageAndTheNextDeliveryEndsWell()
    {
        await using Broker broker = await Broker.StartAsync(cloud);
        int builds = 0;
        var backend = new HookedBackend(
            Workbench.Backend, o => ++builds == 1 ? throw new IOException("The disk is full.") : o);
        using var bench = new Workbench(cloud, backend, messages: broker.Clients);
        await broker.SendAsync(await bench.RequestAsync(TestModels.Tiny(bias: 72)));

        await bench.Loop.RunAsync(once: true, Workbench.Cancel);
        await using (ServiceBusReceiver receiver = broker.Receiver())
            Assert.Equal(1, (await receiver.PeekMessageAsync(cancellationToken: Workbench.Cancel)).DeliveryCount);
        await bench.Loop.RunAsync(once: true, Workbench.Cancel);

        Assert.IsType<EngineOutcome.Built>(await broker.OutcomeAsync());
        Assert.Equal(2, builds);
    }

    [Fact]
    public async Task Loop_ModelThatCannotBuild_TellsWhyAndCompletes()
    {
        await using Broker broker = await Broker.StartAsync(cloud);
        using var bench = new Workbench(cloud, messages: broker.Clients);
        string operatorName = new('F', 6000);
        await broker.SendAsync(await bench.RequestAsync(TestModels.Tiny(1, operatorName)));

        await bench.Loop.RunAsync(once: true, Workbench.Cancel);

        var failed = Assert.IsType<EngineOutcome.Failed>(await broker.OutcomeAsync()).Event;
        Assert.InRange(failed.Message.Length, 1, EngineOutcomeReader.MessageLengthMaximum);
        await using ServiceBusReceiver receiver = broker.Receiver();
        Assert.Null(await receiver.PeekMessageAsync(cancellationToken: Workbench.Cancel));
    }

    [Fact]
    public async Task Loop_UnreadableMessage_IsDeadLetteredWithTheFault()
    {
        await using Broker broker = await Broker.StartAsync(cloud);
        using var bench = new Workbench(cloud, messages: broker.Clients);
        await broker.Clients.Sender(Broker.Queue).SendMessageAsync(new ServiceBusMessage("{}"), Workbench.Cancel);

        await bench.Loop.RunAsync(once: true, Workbench.Cancel);

        await using ServiceBusReceiver dead = broker.Receiver(SubQueue.DeadLetter);
        ServiceBusReceivedMessage message = await Broker.ReceiveAsync(dead);
        Assert.Equal("BadRequest", message.DeadLetterReason);
        Assert.Contains("schema", message.DeadLetterErrorDescription, StringComparison.Ordinal);
    }
}
