using System.Threading.Tasks.Sources;
using Pipeline.Edge.Measuring;
using Pipeline.Engines;

namespace Pipeline.Edge.Batching;

/// <summary>
/// One request to run an engine, used again and again by its owner. The owner sets the inputs, submits, awaits
/// <see cref="Completion"/>, reads the outputs and clears. Between submitting and completion the scheduler owns it, and the
/// inputs' memory must stay. Completion continues on the thread pool, never on an execution lane.
/// </summary>
internal sealed class RunRequest : IValueTaskSource<RunOutcome>, IThreadPoolWorkItem, IDisposable
{
    private readonly AlignedMemory outputMemory = new();
    private RunTensor[] inputs = new RunTensor[2];
    private RunTensor[] padded = new RunTensor[2];
    private RunTensor[] outputs = new RunTensor[2];
    private ElementType[] outputTypes = new ElementType[2];
    private ManualResetValueTaskSourceCore<RunOutcome> completion;
    private RunOutcome outcome;

    /// <summary>That of the version that answers it.</summary>
    public BatchPlan Plan { get; private set; } = null!;

    /// <summary>In the engine's order.</summary>
    public Span<RunTensor> Inputs => inputs.AsSpan(0, InputCount);

    /// <summary>The inputs' shapes and sizes after padding; their data is where the inputs' is.</summary>
    public Span<RunTensor> Padded => padded.AsSpan(0, InputCount);

    /// <summary>In the engine's order; the data is in this request's own memory.</summary>
    public Span<RunTensor> Outputs => outputs.AsSpan(0, OutputCount);

    public int InputCount { get; private set; }

    public int OutputCount { get; private set; }

    /// <summary>Timestamp after which it is not to run any more.</summary>
    public long Deadline { get; set; } = long.MaxValue;

    /// <summary>Looked at before the run; the run itself goes on.</summary>
    public CancellationToken ClientGone { get; set; }

    /// <summary>Where the batch that it led is counted.</summary>
    public VersionStatistics? Statistics { get; set; }

    /// <summary>Items on axis 0; 0 when it never shares a run.</summary>
    public int Items { get; set; }

    /// <summary>Most items of a run of its shape class.</summary>
    public int ItemsMaximum { get; set; }

    public int ShapeHash { get; set; }

    public bool IsPadded { get; set; }

    /// <summary>Why it failed; null when it did not.</summary>
    public Exception? Error { get; private set; }

    public long SubmittedAt { get; set; }

    /// <summary>When a lane took it.</summary>
    public long TakenAt { get; set; }

    public long StartedAt { get; set; }

    public long EndedAt { get; set; }

    /// <summary>The queue's own links.</summary>
    public RunRequest? Next { get; set; }

    public RunRequest? Previous { get; set; }

    public ValueTask<RunOutcome> Completion => new(this, completion.Version);

    public int RetainedBytes => outputMemory.Capacity;

    public ElementType OutputType(int index) => outputTypes[index];

    public ReadOnlySpan<byte> OutputData(int index) =>
        outputMemory.Span((int)(outputs[index].Data - outputMemory.Address), outputs[index].SizeBytes);

    /// <summary>Makes it ready for the next request of its owner.</summary>
    public void Clear(BatchPlan plan)
    {
        int inputCount = plan.Signature.Inputs.Length;
        if (inputs.Length < inputCount)
        {
            Array.Resize(ref inputs, inputCount);
            Array.Resize(ref padded, inputCount);
        }

        (Plan, InputCount, OutputCount) = (plan, inputCount, 0);
        (Error, Statistics) = (null, null);
        (Deadline, ClientGone) = (long.MaxValue, default);
        (TakenAt, StartedAt, EndedAt) = (0, 0, 0);
        completion.Reset();
    }

    /// <summary>Copies its rows of a run's outputs into its own memory.</summary>
    /// <param name="firstRow">Where its rows start.</param>
    /// <param name="rows">Rows of the whole run; 0 when it ran alone and all is its own.</param>
    public void TakeOutputs(IEngineContext context, int count, int firstRow, int rows)
    {
        if (outputs.Length < count)
        {
            Array.Resize(ref outputs, count);
            Array.Resize(ref outputTypes, count);
        }

        OutputCount = count;
        int end = 0;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> data = Own(context.OutputData(i), firstRow, rows);
            ref RunTensor output = ref outputs[i];
            output.SetShape(context.OutputShape(i));
            if (rows > 0) output.SetDimension(0, Items);
            (outputTypes[i], output.SizeBytes) = (context.OutputType(i), data.Length);
            int start = AlignedMemory.Align(end);
            end = checked(start + data.Length);
            outputMemory.Reserve(end, kept: start);
            data.CopyTo(outputMemory.Span(start, data.Length));
            output.Data = start;
        }

        // The memory may have moved while it grew.
        for (int i = 0; i < count; i++) outputs[i].Data += outputMemory.Address;
    }

    /// <summary>Ends it without an exception; its owner goes on, on the thread pool.</summary>
    public void Complete(RunOutcome ended)
    {
        outcome = ended;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    public void Fail(Exception error)
    {
        Error = error;
        Complete(RunOutcome.Failed);
    }

    public void Trim() => outputMemory.Trim();

    public void Dispose() => outputMemory.Dispose();

    void IThreadPoolWorkItem.Execute() => completion.SetResult(outcome);

    RunOutcome IValueTaskSource<RunOutcome>.GetResult(short token) => completion.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<RunOutcome>.GetStatus(short token) => completion.GetStatus(token);

    void IValueTaskSource<RunOutcome>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        completion.OnCompleted(continuation, state, token, flags);

    private ReadOnlySpan<byte> Own(ReadOnlySpan<byte> data, int firstRow, int rows)
    {
        if (rows == 0) return data;
        int rowBytes = data.Length / rows;
        return data.Slice(firstRow * rowBytes, Items * rowBytes);
    }
}
