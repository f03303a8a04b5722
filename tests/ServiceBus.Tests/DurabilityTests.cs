using System.Diagnostics;
using Azure.Messaging.ServiceBus;
using Pipeline.Local.ServiceBus;
using static Pipeline.ServiceBus.Tests.RunningEmulator;

namespace Pipeline.ServiceBus.Tests;

public sealed class DurabilityTests
{
    [Fact]
    public async Task Restart_KeepsMessagesCountsDeadLettersSchedulesAndDuplicateHistory()
    {
        await using RunningEmulator running = await WithQueueAsync(
            new() { Name = "q", DuplicateDetectionWindow = TimeSpan.FromHours(1) });
        DateTimeOffset due = TimeProvider.System.GetUtcNow().AddHours(1);
        await running.SendAsync("q", new("locked") { MessageId = "1" }, new("done") { MessageId = "2" },
            new("dead") { MessageId = "3" }, new("later") { MessageId = "4", ScheduledEnqueueTime = due });
        ServiceBusReceiver receiver = running.Client.CreateReceiver("q");
        ServiceBusReceivedMessage locked = await ReceiveAsync(receiver);
        await receiver.CompleteMessageAsync(await ReceiveAsync(receiver), Cancel);
        await receiver.DeadLetterMessageAsync(await ReceiveAsync(receiver), "Why", "because", Cancel);
        await receiver.AbandonMessageAsync(locked, null, Cancel);
        await ReceiveAsync(receiver);

        await running.RestartAsync();
        Assert.Equal(new EntityCounts("q", 1, 0, 1, 1), await running.CountsAsync("q"));
        await running.SendAsync("q", new("again") { MessageId = "2" }, new("new") { MessageId = "5" });
        receiver = running.Client.CreateReceiver("q");
        ServiceBusReceivedMessage back = await ReceiveAsync(receiver);
        Assert.Equal(("locked", 2), (back.Body.ToString(), back.DeliveryCount));
        ServiceBusReceivedMessage next = await ReceiveAsync(receiver);
        Assert.Equal("new", next.Body.ToString());
        Assert.True(next.SequenceNumber > 4);

        await running.RestartAsync();
        await using ServiceBusReceiver dead = running.Client.CreateReceiver(
            "q", new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
        ServiceBusReceivedMessage letter = await ReceiveAsync(dead);
        Assert.Equal(("dead", "Why", "because"),
            (letter.Body.ToString(), letter.DeadLetterReason, letter.DeadLetterErrorDescription));
    }

    [Fact]
    public async Task Kill_AtAnyMoment_KeepsWhatWasAcknowledged()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q" });
        await running.SendAsync("q", new("locked"), new("done"), new("waiting"));
        await using ServiceBusReceiver receiver = running.Client.CreateReceiver("q");
        await ReceiveAsync(receiver);
        await receiver.CompleteMessageAsync(await ReceiveAsync(receiver), Cancel);

        // What the file holds while the emulator runs is what a kill -9 leaves. Another process copies it, since the
        // emulator's lock on the file keeps this one out.
        DirectoryInfo left = Directory.CreateTempSubdirectory("servicebus-killed-");
        string journal = Path.Combine(running.DataDirectory, "servicebus.journal");
        using (Process copy = Process.Start("cp", [journal, left.FullName])) await copy.WaitForExitAsync(Cancel);
        await using RunningEmulator restarted = await StartAsync(running.Options, left.FullName);
        await using ServiceBusReceiver again = restarted.Client.CreateReceiver("q");
        Assert.Equal("locked", (await ReceiveAsync(again)).Body.ToString());
        Assert.Equal("waiting", (await ReceiveAsync(again)).Body.ToString());
        Assert.Equal(new EntityCounts("q", 0, 2, 0, 0), await restarted.CountsAsync("q"));
    }

    [Fact]
    public async Task Entity_NoLongerDeclared_KeepsItsMessagesOutOfReach()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q" });
        await running.SendAsync("q", new ServiceBusMessage("kept"));
        ServiceBusEmulatorOptions options = running.Options;
        running.Options = options with { Queues = [new() { Name = "other" }] };
        await running.RestartAsync();
        await Assert.ThrowsAsync<ServiceBusException>(() => running.SendAsync("q", new ServiceBusMessage("x")));
        running.Options = options;
        await running.RestartAsync();
        Assert.Equal("kept", (await ReceiveAsync(running.Client.CreateReceiver("q"))).Body.ToString());
    }

    [Fact]
    public async Task Journal_WithATruncatedEnd_LosesOnlyThatOperation()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q" });
        await running.SendAsync("q", new ServiceBusMessage("first"));
        await running.SendAsync("q", new ServiceBusMessage("second"));
        await running.RestartAsync(Shorten);
        Assert.Equal(1, (await running.CountsAsync("q")).Active);
        Assert.Equal("first", (await ReceiveAsync(running.Client.CreateReceiver("q"))).Body.ToString());

        static void Shorten(string journal)
        {
            using FileStream file = File.OpenWrite(journal);
            file.SetLength(file.Length - 3);
        }
    }

    [Fact]
    public async Task Journal_DamagedBeforeItsEnd_IsRefusedWithItsPath()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q" });
        await running.SendAsync("q", new ServiceBusMessage("first"));
        await running.SendAsync("q", new ServiceBusMessage("second"));
        InvalidDataException e = await Assert.ThrowsAsync<InvalidDataException>(() => running.RestartAsync(Damage));
        Assert.Contains("servicebus.journal", e.Message, StringComparison.Ordinal);

        static void Damage(string journal)
        {
            byte[] bytes = File.ReadAllBytes(journal);
            bytes[bytes.AsSpan().IndexOf("payload"u8) + 12] ^= 1;
            File.WriteAllBytes(journal, bytes);
        }
    }

    [Fact]
    public async Task DataDirectory_InUse_IsRefused()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q" });
        await Assert.ThrowsAnyAsync<IOException>(() => ServiceBusEmulator.StartAsync(
            new() { DataDirectory = running.DataDirectory }, Cancel));
    }
}
