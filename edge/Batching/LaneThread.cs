using Pipeline.Engines;

namespace Pipeline.Edge.Batching;

/// <summary>
/// The thread of one lane. It makes and prepares the lane's context, runs it and ends it: a runtime may keep by thread what it has
/// found out about a shape, as ONNX Runtime does with CUDA graphs.
/// </summary>
internal sealed class LaneThread
{
    private readonly TaskCompletionSource ready = new();
    private readonly Thread thread;

    private LaneThread(EngineScheduler scheduler, TimeProvider time, Action<IEngineContext>? prepare) =>
        thread = new Thread(() => Run(scheduler, time, prepare)) { IsBackground = true, Name = "execution lane" };

    /// <summary>
    /// Starts a lane and returns when it is ready for requests. What making it ready throws is thrown here, when its context is gone.
    /// </summary>
    public static LaneThread Start(EngineScheduler scheduler, TimeProvider time, Action<IEngineContext>? prepare)
    {
        var lane = new LaneThread(scheduler, time, prepare);
        lane.thread.UnsafeStart();
        // The loader's own thread, which may wait as long as the runtime takes.
        lane.ready.Task.GetAwaiter().GetResult();
        return lane;
    }

    /// <summary>Waits for its end.</summary>
    public void Join() => thread.Join();

    private void Run(EngineScheduler scheduler, TimeProvider time, Action<IEngineContext>? prepare)
    {
        ExecutionLane lane;
        try
        {
            lane = new ExecutionLane(scheduler, Prepared(scheduler.Engine, prepare), time);
        }
        catch (Exception e)
        {
            ready.SetException(e);
            return;
        }

        ready.SetResult();
        lane.Run();
    }

    private static IEngineContext Prepared(IEngine engine, Action<IEngineContext>? prepare)
    {
        IEngineContext context = engine.CreateContext();
        try
        {
            prepare?.Invoke(context);
            return context;
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }
}
