using Pipeline.Engines.Cuda;
using Pipeline.Engines.TensorRt;
using Pipeline.Engines.TensorRt.Running;

namespace Pipeline.Engines.Tests.TensorRt;

/// <summary>Runs that are enqueued phase by phase, as the benchmark does.</summary>
public sealed class TensorRtStreamedRunTests : TensorRtTest
{
    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    public void StreamedRuns_PhaseByPhase_GiveWhatARunGives(int graphs)
    {
        using var engine = (IDeviceEngine)Batches(new TensorRtOptions { CudaGraphs = graphs });
        using IStreamedRun one = engine.CreateStreamedRun([Batch(2)]);
        using IStreamedRun two = engine.CreateStreamedRun([Batch(2)]);
        Assert.Same(one.ComputeStream, two.ComputeStream);
        using var copies = new CudaStream();
        using var arrived = new CudaEvent(timed: false);
        using var computed = new CudaEvent(timed: false);
        for (int i = 0; i < 10; i++)
        {
            IStreamedRun run = i % 2 == 0 ? one : two;
            run.EnqueueInputs(copies);
            arrived.Record(copies);
            run.ComputeStream.WaitFor(arrived);
            run.EnqueueRun();
            computed.Record(run.ComputeStream);
            copies.WaitFor(computed);
            run.EnqueueOutputs(copies);
            copies.Synchronize();
        }

        using IEngineContext context = engine.CreateContext();
        Assert.Equal(Run(context, Batch(2)), ((TensorRtStreamedRun)one).OutputData(0).ToArray());
        Assert.Equal(Run(context, Batch(2)), ((TensorRtStreamedRun)two).OutputData(0).ToArray());
    }
}
