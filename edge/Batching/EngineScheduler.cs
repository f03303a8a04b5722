using System.Collections.Immutable;
using Pipeline.Core.Policies;
using Pipeline.Edge.Measuring;
using Pipeline.Engines;

namespace Pipeline.Edge.Batching;

/// <summary>
/// Runs the requests to one engine: a bounded queue, and lanes that take the oldest request and with it whatever else fits
/// its run. Batches thus form of what came while every lane was busy; a policy may have a free lane wait a little longer.
/// It owns the engine, which ends when the last lane has ended.
/// </summary>
internal sealed class EngineScheduler : IEngineGauges, IDisposable
{
    /// <summary>How late a request may learn that its time is over.</summary>
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMilliseconds(10);

    private readonly object sync = new();
    private readonly RunQueue queue = new();
    private readonly RunQueue shadows = new();
    private readonly List<Batch> open = [];
    private readonly TimeProvider time;
    private readonly ITimer sweep;
    private readonly string? checkFailure;
    private readonly int queuedMaximum;
    private int idleLanes;
    private int lanesLeft;
    private bool isSweeping;
    private bool isStopping;
    private bool hasEnded;

    /// <param name="engine">Taken over, also when this fails.</param>
    /// <param name="checkFailure">As <see cref="BatchPlan.Create"/> takes it.</param>
    /// <param name="prepare">
    /// What each lane does with its context before it serves, on the thread that will serve, one lane after the other. What it
    /// throws is thrown here, when every lane has ended and the engine is free.
    /// </param>
    public EngineScheduler(
        IEngine engine, string? checkFailure, int lanes, int queuedMaximum, TimeProvider time, Action<IEngineContext>? prepare = null)
    {
        (Engine, this.checkFailure, this.queuedMaximum, this.time) = (engine, checkFailure, queuedMaximum, time);
        Signature = new EngineSignature(engine);
        (Lanes, lanesLeft) = (lanes, lanes);
        sweep = time.CreateTimer(
            static scheduler => ((EngineScheduler)scheduler!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var started = new List<LaneThread>();
        try
        {
            // Two that warm up at once would wait for each other, and a capture on a device has to be alone.
            while (started.Count < lanes) started.Add(LaneThread.Start(this, time, prepare));
        }
        catch
        {
            // Those that have started count on as many as were to come: none of them frees the engine.
            Dispose();
            foreach (LaneThread lane in started) lane.Join();
            engine.Dispose();
            throw;
        }
    }

    public IEngine Engine { get; }

    /// <summary>Whether the last lane has ended and the engine's memory is free.</summary>
    public bool HasEnded => Volatile.Read(ref hasEnded);

    public EngineSignature Signature { get; }

    public int Lanes { get; }

    /// <summary>Threads that one run may use; all lanes share them.</summary>
    public int Threads => Engine.Threads;

    /// <summary>Requests that no lane has taken yet.</summary>
    public int QueueDepth
    {
        get
        {
            lock (sync) return queue.Count;
        }
    }

    /// <summary>The plan of one version that serves with this engine; several may, each by its own.</summary>
    public BatchPlan PlanFor(ImmutableArray<ShapeProfile> profiles, BatchingPolicy? policy) =>
        BatchPlan.Create(Signature, profiles, policy, checkFailure);

    /// <summary>Queues a request; false when the queue is full.</summary>
    public bool TrySubmit(RunRequest request)
    {
        request.Plan.Classify(request);
        request.SubmittedAt = time.GetTimestamp();
        lock (sync)
        {
            if (isStopping) return false;
            foreach (Batch batch in open)
            {
                long deadline = batch.Deadline;
                if (!batch.TryAdd(request, request.SubmittedAt)) continue;
                // Its lane has to run it, or to wait for a shorter time.
                if (batch.IsFull || batch.Deadline < deadline) Monitor.PulseAll(sync);
                return true;
            }

            if (queue.Count >= queuedMaximum) return false;
            queue.Add(request);
            if (request.Deadline != long.MaxValue) StartSweeping();
            CallLane();
        }

        return true;
    }

    /// <summary>
    /// Queues a request that runs only when a lane has nothing else to do; false when it is dropped. Its owner holds the engine
    /// until it has ended, as with any other, and sees to it that few wait.
    /// </summary>
    public bool TrySubmitShadow(RunRequest request)
    {
        request.Plan.Classify(request);
        request.SubmittedAt = time.GetTimestamp();
        lock (sync)
        {
            if (isStopping) return false;
            shadows.Add(request);
            CallLane();
        }

        return true;
    }

    /// <summary>Waits for the next batch; false when there will be none.</summary>
    internal bool Take(ExecutionLane lane)
    {
        Batch batch = lane.Batch;
        lock (sync)
        {
            while (true)
            {
                while (queue.First is null && shadows.First is null)
                {
                    if (isStopping) return false;
                    idleLanes++;
                    Monitor.Wait(sync);
                    idleLanes--;
                }

                RunQueue from = queue.First is not null ? queue : shadows;
                RunRequest first = from.First!;
                from.Remove(first);
                long now = time.GetTimestamp();
                if (EndIfOver(first, now)) continue;
                batch.Open(first, now);
                Collect(batch, from, now);
                // The last idle lane is gone: one that holds its batch open is needed for what waits.
                if (open.Count > 0 && queue.Count > 0 && idleLanes == 0) Monitor.PulseAll(sync);
                if (from == queue && !batch.IsFull && first.Plan.Wait > TimeSpan.Zero) WaitForMore(batch, now);
                return true;
            }
        }
    }

    /// <summary>Called by each lane when it has ended; the last one frees the engine.</summary>
    internal void EndLane()
    {
        if (Interlocked.Decrement(ref lanesLeft) != 0) return;
        Engine.Dispose();
        Volatile.Write(ref hasEnded, true);
    }

    /// <summary>Lets the lanes end once the queue is empty. Does not wait for them.</summary>
    public void Dispose()
    {
        lock (sync)
        {
            isStopping = true;
            Monitor.PulseAll(sync);
        }

        sweep.Dispose();
    }

    private void CallLane()
    {
        // A lane that waits for its batch to fill must not swallow the call to one that is idle.
        if (open.Count > 0) Monitor.PulseAll(sync);
        else if (idleLanes > 0) Monitor.Pulse(sync);
    }

    private static void Collect(Batch batch, RunQueue from, long now)
    {
        for (RunRequest? request = from.First, next; request is not null && !batch.IsFull; request = next)
        {
            next = request.Next;
            if (IsOver(request, now, out _) || !batch.TryAdd(request, now)) continue;
            from.Remove(request);
        }
    }

    /// <summary>A lane that nobody else needs holds its batch open for the policy's time.</summary>
    private void WaitForMore(Batch batch, long now)
    {
        open.Add(batch);
        long until = now + (long)(batch.First.Plan.Wait.TotalSeconds * time.TimestampFrequency);
        while (!batch.IsFull && !isStopping && (queue.Count == 0 || idleLanes > 0))
        {
            now = time.GetTimestamp();
            // Somebody's deadline leaves half of its time to the run.
            if (batch.Deadline != long.MaxValue) until = Math.Min(until, now + (batch.Deadline - now) / 2);
            TimeSpan left = time.GetElapsedTime(now, until);
            if (left <= TimeSpan.Zero) break;
            Monitor.Wait(sync, (int)Math.Ceiling(left.TotalMilliseconds));
        }

        open.Remove(batch);
    }

    private void Sweep()
    {
        lock (sync)
        {
            long now = time.GetTimestamp();
            bool more = false;
            for (RunRequest? request = queue.First, next; request is not null; request = next)
            {
                next = request.Next;
                if (IsOver(request, now, out RunOutcome outcome))
                {
                    queue.Remove(request);
                    request.Complete(outcome);
                }
                else
                {
                    more |= request.Deadline != long.MaxValue;
                }
            }

            if (more || isStopping) return;
            isSweeping = false;
            sweep.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private void StartSweeping()
    {
        if (isSweeping) return;
        isSweeping = true;
        sweep.Change(SweepInterval, SweepInterval);
    }

    private static bool EndIfOver(RunRequest request, long now)
    {
        if (!IsOver(request, now, out RunOutcome outcome)) return false;
        request.Complete(outcome);
        return true;
    }

    private static bool IsOver(RunRequest request, long now, out RunOutcome outcome)
    {
        outcome = request.ClientGone.IsCancellationRequested ? RunOutcome.ClientGone : RunOutcome.TimeOver;
        return outcome == RunOutcome.ClientGone || now >= request.Deadline;
    }
}
