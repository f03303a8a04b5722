using System.Runtime.InteropServices;
using Pipeline.Edge.Batching;

namespace Pipeline.Edge.Tests.Support;

/// <summary>One request to a scheduler, without the edge around it: rows of FP32 to an engine of one input.</summary>
internal sealed class FloatRun : IDisposable
{
    private readonly AlignedMemory memory = new();

    public FloatRun(BatchPlan plan, int rows, params float[] values)
    {
        ReadOnlySpan<byte> data = MemoryMarshal.AsBytes<float>(values);
        memory.Reserve(data.Length);
        data.CopyTo(memory.Span(0, data.Length));
        Request.Clear(plan);
        ref RunTensor input = ref Request.Inputs[0];
        input.SetShape([rows, values.Length / rows]);
        (input.Data, input.SizeBytes) = (memory.Address, data.Length);
    }

    public RunRequest Request { get; } = new();

    public async Task AssertAnswerAsync(params float[] expected)
    {
        Assert.Equal(
            RunOutcome.Answered,
            await Request.Completion.AsTask().WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        Assert.Equal(expected, MemoryMarshal.Cast<byte, float>(Request.OutputData(0)).ToArray());
    }

    public void Dispose()
    {
        Request.Dispose();
        memory.Dispose();
    }
}
