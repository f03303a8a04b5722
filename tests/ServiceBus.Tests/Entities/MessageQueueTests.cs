using FsCheck;
using FsCheck.Fluent;
using Pipeline.Local.ServiceBus;
using Pipeline.Local.ServiceBus.Entities;

namespace Pipeline.ServiceBus.Tests.Entities;

public sealed class MessageQueueTests
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Messages_WhateverHappens_AreEachInExactlyOnePlace() => Prop.ForAll(
        Steps(),
        steps => Run(steps).Problem is not { } problem || Fail(problem)).QuickCheckThrowOnFailure();

    [Fact]
    public void Changes_Replayed_GiveTheSameMessagesUnlocked() => Prop.ForAll(Steps(), steps =>
    {
        QueueSimulation ran = Run(steps);
        var changes = new List<StoreChange>(ran.Changes);
        QueueSimulation replayed = QueueSimulation.Replay(changes, ran.Now);
        QueueSimulation compacted = QueueSimulation.Replay(ran.Snapshot(), ran.Now);
        return ran.Content() == replayed.Content() && ran.Content() == compacted.Content();
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Take_FollowsTheOrderOfSending()
    {
        var run = new QueueSimulation(new QueueConfig { Name = "q" }, s_start);
        long[] sent = [.. Enumerable.Range(0, 5).Select(_ => run.Enqueue())];
        LockedMessage first = run.Queue.Take(run.Now)!;
        LockedMessage second = run.Queue.Take(run.Now)!;
        run.Queue.Abandon(second.Token, null, run.Now);
        run.Queue.Abandon(first.Token, null, run.Now);
        Assert.Equal(sent, Enumerable.Range(0, 5).Select(_ => run.Queue.Take(run.Now)!.Message.Sequence));
        Assert.Null(run.Queue.Take(run.Now));
    }

    [Fact]
    public void Lock_EndsAtItsTimeNotBefore()
    {
        var run = new QueueSimulation(new QueueConfig { Name = "q", LockDuration = TimeSpan.FromSeconds(30) }, s_start);
        run.Enqueue();
        LockedMessage taken = run.Queue.Take(s_start)!;
        Assert.Equal(s_start.AddSeconds(30), run.Queue.NextDue);
        Assert.Equal(s_start.AddSeconds(59), run.Queue.Renew(taken.Token, s_start.AddSeconds(29)));
        Assert.Null(run.Queue.Take(s_start.AddSeconds(59).AddTicks(-1)));
        Assert.Equal(1, run.Queue.Take(s_start.AddSeconds(59))!.Message.DeliveryCount);
        Assert.False(run.Queue.Complete(taken.Token, s_start.AddSeconds(59)));
    }

    [Fact]
    public void Release_DoesNotCountTheDelivery()
    {
        var run = new QueueSimulation(new QueueConfig { Name = "q", MaxDeliveryCount = 1 }, s_start);
        run.Enqueue();
        Assert.True(run.Queue.Release(run.Queue.Take(s_start)!.Token, s_start));
        Assert.Equal(0, run.Queue.Take(s_start)!.Message.DeliveryCount);
    }

    [Fact]
    public void Expiry_WhileLocked_WaitsForTheLock()
    {
        var run = new QueueSimulation(
            new QueueConfig { Name = "q", DefaultMessageTimeToLive = TimeSpan.FromSeconds(10) }, s_start);
        run.Enqueue();
        LockedMessage taken = run.Queue.Take(s_start)!;
        Assert.True(run.Queue.Complete(taken.Token, s_start.AddSeconds(20)));

        run.Enqueue();
        run.Queue.Take(s_start);
        run.Queue.Advance(s_start.AddMinutes(1));
        Assert.Equal(default, run.Queue.Counts);
    }

    [Fact]
    public void DuplicateHistory_ForgetsAfterItsWindowAlsoWhenRestored()
    {
        var changes = new List<StoreChange>();
        var history = new DuplicateHistory("q", TimeSpan.FromMinutes(1), changes.Add);
        Assert.True(history.TryAdd("a", s_start));
        Assert.False(history.TryAdd("a", s_start.AddSeconds(59)));
        Assert.True(history.TryAdd("a", s_start.AddSeconds(60)));

        var restored = new DuplicateHistory("q", TimeSpan.FromMinutes(1), _ => { });
        foreach (StoreChange.Seen seen in changes.Cast<StoreChange.Seen>()) restored.Restore(seen.MessageId, seen.At);
        Assert.False(restored.TryAdd("a", s_start.AddSeconds(119)));
        Assert.True(restored.TryAdd("a", s_start.AddSeconds(120)));
        Assert.Single(restored.Snapshot());
    }

    private static Arbitrary<int[]> Steps() => Gen.Choose(0, 11_000).ArrayOf().Resize(100).ToArbitrary();

    private static bool Fail(string problem) => throw new InvalidOperationException(problem);

    private static QueueSimulation Run(int[] steps)
    {
        var run = new QueueSimulation(
            new QueueConfig
            {
                Name = "q",
                LockDuration = TimeSpan.FromSeconds(30),
                MaxDeliveryCount = 3,
                DefaultMessageTimeToLive = TimeSpan.FromSeconds(100),
                DeadLetteringOnMessageExpiration = steps.Length % 2 == 0,
            },
            s_start);
        foreach (int step in steps) run.Step(step);
        return run;
    }
}
