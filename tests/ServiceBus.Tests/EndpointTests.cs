using System.Net;
using System.Net.Sockets;
using System.Transactions;
using Azure.Messaging.ServiceBus;
using Pipeline.Local.ServiceBus;
using static Pipeline.ServiceBus.Tests.RunningEmulator;

namespace Pipeline.ServiceBus.Tests;

public sealed class EndpointTests
{
    [Fact]
    public async Task Health_WhileRunning_Is200()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q" });
        using var http = new HttpClient { BaseAddress = new($"http://127.0.0.1:{running.Emulator.HttpPort}") };
        Assert.Equal("""{"status":"healthy"}""", await http.GetStringAsync("/health", Cancel));
        Assert.Equal(
            """[{"path":"q","active":0,"locked":0,"scheduled":0,"deadLetter":0}]""",
            await http.GetStringAsync("/entities", Cancel));
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/other", Cancel)).StatusCode);
    }

    [Fact]
    public async Task Port_Taken_IsRefusedWithTheWayOut()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q" });
        ServiceBusEmulatorOptions same = running.Options with { AmqpPort = running.Emulator.AmqpPort };
        IOException e = await Assert.ThrowsAsync<IOException>(() => StartAsync(same));
        Assert.Contains($"port '{running.Emulator.AmqpPort}'", e.Message, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<IOException>(
            () => StartAsync(running.Options with { HttpPort = running.Emulator.HttpPort }));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("AMQP\x03\x01\x00\x00\x7f\x7f\x7f\x7f garbage instead of a frame")]
    [InlineData("AMQP\x00\x01\x00\x00\x00\x00\x00\x08\x02\x00\x00\x00\x00\x00\x00\x02\x00\x00")]
    [InlineData("")]
    public async Task Connection_ThatSpeaksNonsense_HarmsNobodyElse(string nonsense)
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q" });
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, running.Emulator.AmqpPort, Cancel);
        await socket.GetStream().WriteAsync(nonsense.Select(c => (byte)c).ToArray(), Cancel);
        await running.SendAsync("q", new ServiceBusMessage("x"));
        await using ServiceBusReceiver receiver = running.Client.CreateReceiver("q");
        await receiver.CompleteMessageAsync(await ReceiveAsync(receiver), Cancel);
        socket.Close();
        await running.SendAsync("q", new ServiceBusMessage("y"));
        Assert.Equal("y", (await ReceiveAsync(receiver)).Body.ToString());
    }

    [Fact]
    public async Task Session_IsRefusedAsNotImplemented()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q" });
        NotSupportedException e = await Assert.ThrowsAsync<NotSupportedException>(
            () => running.Client.AcceptNextSessionAsync("q", cancellationToken: Cancel));
        Assert.Contains("0002-service-bus-emulator.md", e.Message, StringComparison.Ordinal);
        await running.SendAsync("q", new ServiceBusMessage("still works"));
    }

    [Fact]
    public async Task Transaction_IsRefusedAndSendsNothing()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q" });
        using (new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
            await Assert.ThrowsAnyAsync<Exception>(() => running.SendAsync("q", new ServiceBusMessage("x")));
        Assert.Equal(0, (await running.CountsAsync("q")).Active);
        await running.SendAsync("q", new ServiceBusMessage("still works"));
    }
}
