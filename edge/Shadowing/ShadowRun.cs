using System.Collections.Immutable;
using Pipeline.Edge.Batching;
using Pipeline.Edge.Measuring;
using Pipeline.Edge.Routing;
using Pipeline.Engines;

namespace Pipeline.Edge.Shadowing;

/// <summary>One shadow request at a time: its inputs and stable's answer, copied, and the candidate's run of them.</summary>
internal sealed class ShadowRun : IDisposable
{
    private const int RetainedBytesMaximum = 16 << 20;

    private readonly RunRequest run = new();
    private readonly AlignedMemory copies = new();
    private RunTensor[] expected = [];
    private ElementType[] expectedTypes = [];

    /// <summary>Copies before it returns; the task ends with the comparison counted.</summary>
    public async Task CompareAsync(ShadowRoute route, EngineSignature stable, RunRequest answered, TimeProvider time)
    {
        VersionStatistics statistics = route.Candidate.Statistics;
        if (!TryCopy(stable, route.Candidate.Plan, answered))
        {
            // Another contract than stable's, or narrower profiles: its users would be refused.
            statistics.CountShadow(ShadowComparison.Unlike, diverged: true);
            return;
        }

        run.Statistics = statistics;
        if (!route.Candidate.Engine.Scheduler.TrySubmitShadow(run))
        {
            statistics.CountShadowSkipped();
            return;
        }

        if (await run.Completion == RunOutcome.Answered)
        {
            statistics.CountServed(RouteKind.Shadow, new RequestTimes(
                run.TakenAt - run.SubmittedAt, run.StartedAt - run.TakenAt, run.EndedAt - run.StartedAt,
                time.GetTimestamp() - run.SubmittedAt));
            ShadowComparison comparison = Compare(stable.Outputs, run.Plan.Signature.Outputs);
            statistics.CountShadow(comparison, ShadowJudge.Diverged(comparison, route.Policy));
        }
        else
        {
            statistics.CountShadowError();
        }
    }

    /// <summary>Gives memory back that only a large request needed.</summary>
    public void Trim()
    {
        if (copies.Capacity + run.RetainedBytes <= RetainedBytesMaximum) return;
        copies.Trim();
        run.Trim();
    }

    public void Dispose()
    {
        run.Dispose();
        copies.Dispose();
    }

    private ShadowComparison Compare(
        ImmutableArray<TensorSignature> stable, ImmutableArray<TensorSignature> candidate)
    {
        ShadowComparison all = ShadowComparison.Same;
        for (int i = 0; i < expected.Length; i++)
        {
            // The candidate may have more outputs than stable.
            int other = EngineSignature.IndexOf(candidate, stable[i].NameBytes);
            all = all.With(other < 0 ? ShadowComparison.Unlike : OutputComparer.Compare(
                expectedTypes[i], expected[i].Shape, DataOf(expected[i]),
                run.OutputType(other), run.Outputs[other].Shape, run.OutputData(other)));
        }

        return all;
    }

    private bool TryCopy(EngineSignature stable, BatchPlan plan, RunRequest answered)
    {
        EngineSignature candidate = plan.Signature;
        if (candidate.Inputs.Length != stable.Inputs.Length) return false;
        long size = 0;
        foreach (ref RunTensor tensor in answered.Inputs) size += AlignedMemory.Align(tensor.SizeBytes);
        foreach (ref RunTensor tensor in answered.Outputs) size += AlignedMemory.Align(tensor.SizeBytes);
        // All at once, so that nothing moves while it is filled.
        copies.Reserve(checked((int)size));
        run.Clear(plan);
        int end = 0;
        for (int i = 0; i < candidate.Inputs.Length; i++)
        {
            int from = EngineSignature.IndexOf(stable.Inputs, candidate.Inputs[i].NameBytes);
            if (from < 0 || stable.Inputs[from].Type != candidate.Inputs[i].Type
                || !candidate.Inputs[i].Fits(answered.Inputs[from].Shape)) return false;
            Copy(answered.Inputs[from], ref run.Inputs[i], ref end);
        }

        if (!plan.Holds(run)) return false;

        Array.Resize(ref expected, answered.OutputCount);
        Array.Resize(ref expectedTypes, answered.OutputCount);
        for (int i = 0; i < answered.OutputCount; i++)
        {
            expectedTypes[i] = answered.OutputType(i);
            Copy(answered.Outputs[i], ref expected[i], ref end);
        }

        return true;
    }

    private void Copy(in RunTensor from, ref RunTensor to, ref int end)
    {
        to.SetShape(from.Shape);
        to.SizeBytes = from.SizeBytes;
        to.Data = copies.Address + end;
        DataOf(from).CopyTo(copies.Span(end, from.SizeBytes));
        end = AlignedMemory.Align(end + from.SizeBytes);
    }

    private static unsafe ReadOnlySpan<byte> DataOf(in RunTensor tensor) => new((void*)tensor.Data, tensor.SizeBytes);
}
