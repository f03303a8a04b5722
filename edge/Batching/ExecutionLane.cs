using Pipeline.Engines;

namespace Pipeline.Edge.Batching;

/// <summary>
/// One thread with its own context of the engine: takes a batch, runs it, hands each request its rows, again and again.
/// </summary>
internal sealed class ExecutionLane(EngineScheduler scheduler, IEngineContext context, TimeProvider time)
{
    /// <summary>What a lane keeps for its next run; a larger one makes its memory anew.</summary>
    private const long RetainedBytesMaximum = 16 << 20;

    private readonly EngineSignature signature = scheduler.Signature;
    private readonly AlignedMemory[] assembled = [.. scheduler.Signature.Inputs.Select(_ => new AlignedMemory())];
    private readonly long[] shape = new long[scheduler.Signature.Inputs.Select(i => i.Description.Shape.Length).Append(0).Max()];

    /// <summary>Of the run that goes on: the batch's items, on a device rounded up.</summary>
    private int rows;

    public Batch Batch { get; } = new();

    public long RetainedBytes
    {
        get
        {
            long sum = 0;
            foreach (AlignedMemory memory in assembled) sum += memory.Capacity;
            return sum;
        }
    }

    /// <summary>The body of the lane's thread.</summary>
    public void Run()
    {
        while (scheduler.Take(this))
        {
            Execute();
            Batch.Clear();
            Trim();
        }

        context.Dispose();
        foreach (AlignedMemory memory in assembled) memory.Dispose();
        scheduler.EndLane();
    }

    private void Trim()
    {
        if (RetainedBytes <= RetainedBytesMaximum) return;
        foreach (AlignedMemory memory in assembled) memory.Trim();
    }

    private void Execute()
    {
        ReadOnlySpan<RunRequest> requests = Batch.Requests;
        rows = requests[0].Plan.RowsOf(Batch.Items, requests[0].ItemsMaximum);
        if ((requests.Length > 1 || rows > Batch.Items) && TryRunTogether(requests)) return;
        // Also after a batch that failed: one bad request must not fail its neighbours.
        foreach (RunRequest request in requests) RunAlone(request);
    }

    private bool TryRunTogether(ReadOnlySpan<RunRequest> requests)
    {
        long started = time.GetTimestamp();
        try
        {
            for (int i = 0; i < signature.Inputs.Length; i++) Assemble(i, requests);
            context.Run();
            for (int i = 0; i < signature.Outputs.Length; i++)
            {
                if (context.OutputShape(i) is not [var given, ..] || given != rows) return false;
            }

            int row = 0;
            foreach (RunRequest request in requests)
            {
                request.TakeOutputs(context, signature.Outputs.Length, row, rows);
                row += request.Items;
            }
        }
        catch (Exception)
        {
            // Each of them finds out alone whether it was its own.
            return false;
        }

        requests[0].Statistics?.CountBatch(Batch.Items);
        long ended = time.GetTimestamp();
        foreach (RunRequest request in requests)
        {
            (request.StartedAt, request.EndedAt) = (started, ended);
            request.Complete(RunOutcome.Answered);
        }

        return true;
    }

    private void RunAlone(RunRequest request)
    {
        request.StartedAt = time.GetTimestamp();
        try
        {
            for (int i = 0; i < signature.Inputs.Length; i++)
            {
                ref RunTensor input = ref request.Padded[i];
                nint data = request.IsPadded ? Pad(i, request) : request.Inputs[i].Data;
                context.SetInput(i, data, input.SizeBytes, input.Shape);
            }

            context.Run();
            request.TakeOutputs(context, signature.Outputs.Length, firstRow: 0, rows: 0);
        }
        catch (Exception e)
        {
            // Whatever it is: a lane outlives its requests, and the sender learns of it.
            request.Fail(e);
            return;
        }

        request.EndedAt = time.GetTimestamp();
        request.Statistics?.CountBatch(Math.Max(1, request.Items));
        request.Complete(RunOutcome.Answered);
    }

    /// <summary>Lays one input of all requests end to end, which is what their rows together are.</summary>
    private void Assemble(int index, ReadOnlySpan<RunRequest> requests)
    {
        long size = 0;
        foreach (RunRequest request in requests) size += request.Padded[index].SizeBytes;
        long filled = checked(size / Batch.Items * rows);
        assembled[index].Reserve(checked((int)filled));
        int at = 0;
        foreach (RunRequest request in requests) at += CopyPadded(index, request, at);
        // Items of nobody: zero, and not what was there before.
        assembled[index].Span(at, (int)filled - at).Clear();
        ReadOnlySpan<long> first = requests[0].Padded[index].Shape;
        first.CopyTo(shape);
        shape[0] = rows;
        context.SetInput(index, assembled[index].Address, filled, shape.AsSpan(0, first.Length));
    }

    private nint Pad(int index, RunRequest request)
    {
        assembled[index].Reserve(request.Padded[index].SizeBytes);
        CopyPadded(index, request, at: 0);
        return assembled[index].Address;
    }

    private unsafe int CopyPadded(int index, RunRequest request, int at)
    {
        ref RunTensor from = ref request.Inputs[index];
        ref RunTensor to = ref request.Padded[index];
        PaddedCopy.Copy(
            new ReadOnlySpan<byte>((void*)from.Data, from.SizeBytes), from.Shape, assembled[index].Span(at, to.SizeBytes), to.Shape,
            signature.Inputs[index].Type, request.Plan.PaddingValue(index));
        return to.SizeBytes;
    }
}
