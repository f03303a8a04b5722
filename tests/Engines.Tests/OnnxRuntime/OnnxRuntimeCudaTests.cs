using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Pipeline.Core.Gates;
using Pipeline.Core.Policies;
using Pipeline.Engines.Benchmarks;
using Pipeline.Engines.Cuda;
using Pipeline.Engines.OnnxRuntime;

namespace Pipeline.Engines.Tests.OnnxRuntime;

/// <summary>The path of tensors to a device and back, on the double of CUDA.</summary>
public sealed unsafe class OnnxRuntimeCudaTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Run_OfEverOtherShapes_GivesWhatThePlainRunGives(bool graphs)
    {
        using OnnxRuntimeCudaEngine engine = HostBackedCuda.Load(Add(), graphs, out _);
        using IEngineContext context = engine.CreateContext();
        foreach (int length in (int[])[4, 4, 4, 2000, 3, 4, 0, 2000, 2000, 1])
        {
            float[] a = [.. Enumerable.Range(0, length).Select(i => i + length / 7f)];
            using EngineOutputs plain = engine.Run([Tensor.Copy<float>("a", a, length), Tensor.Copy<float>("b", a, length)], Cancellation);

            Run(context, a);

            Assert.Equal(ElementType.Float32, context.OutputType(0));
            Assert.Equal([length], context.OutputShape(0).ToArray());
            Assert.Equal(plain.Data(0).ToArray(), context.OutputData(0).ToArray());
        }
    }

    [Fact]
    public void Run_WithGraphs_IsPlainOnceThenCapturedThenReplayed()
    {
        using OnnxRuntimeCudaEngine engine = HostBackedCuda.Load(Add(), graphs: true, out HostBackedCuda cuda);
        using IEngineContext context = engine.CreateContext();

        for (int run = 0; run < 4; run++) Run(context, [run, 2]);

        Assert.Equal((1, 3), (cuda.PlainRuns, cuda.GraphRuns));
        Assert.Equal([6f, 4], Floats(context));
        Run(context, [1]);
        Assert.Equal((2, 3), (cuda.PlainRuns, cuda.GraphRuns));
        Run(context, [5, 2]);
        Assert.Equal((2, 4), (cuda.PlainRuns, cuda.GraphRuns));
    }

    [Fact]
    public void Run_ThatCannotBeCaptured_GoesOnWithoutAndSaysWhy()
    {
        using OnnxRuntimeCudaEngine engine = HostBackedCuda.Load(Add(), graphs: true, out HostBackedCuda cuda);
        using IEngineContext context = engine.CreateContext();
        cuda.CaptureError = "operation not permitted when stream is capturing";

        for (int run = 0; run < 3; run++) Run(context, [run, 2]);

        Assert.Equal([4f, 4], Floats(context));
        Assert.Equal((3, 0), (cuda.PlainRuns, cuda.GraphRuns));
        Assert.Equal("host-backed, given up: operation not permitted when stream is capturing", engine.Description);
    }

    [Fact]
    public void Run_OutputsDependOnTheDataAndCannotBeCaptured_AreRight()
    {
        TinyModel nonZero = new TinyModel().Node("NonZero", ["x"], ["y"]).Input("x", 1, "n").Output("y", 7, 1, "m");
        using OnnxRuntimeCudaEngine engine = HostBackedCuda.Load(nonZero, graphs: true, out HostBackedCuda cuda);
        using IEngineContext context = engine.CreateContext();
        cuda.CaptureError = "operation not permitted when stream is capturing";

        foreach (float[] values in (float[][])[[0, 1, 0], [1, 1, 0], [1, 1, 1], [0, 0, 0]])
        {
            fixed (float* data = values) context.SetInput(0, (nint)data, 4L * values.Length, [values.Length]);
            context.Run();

            Assert.Equal([1, values.Count(v => v != 0)], context.OutputShape(0).ToArray());
        }
    }

    [Fact]
    public void Run_AfterRefusalsAndFailures_IsRight()
    {
        using OnnxRuntimeCudaEngine engine = HostBackedCuda.Load(Add(), graphs: false, out _);
        using IEngineContext context = engine.CreateContext();
        float* data = stackalloc float[] { 1, 2, 3, 4 };

        Assert.Equal("Input 'a' is missing.", Assert.Throws<EngineException>(context.Run).Message);
        Assert.Equal(EngineErrorKind.InvalidInput, Assert.Throws<EngineException>(() => context.SetInput(0, 64, 12, [4])).Kind);
        context.SetInput(0, (nint)data, 16, [4]);
        context.SetInput(1, (nint)data, 12, [3]);
        Assert.Equal(EngineErrorKind.RunFailed, Assert.Throws<EngineException>(context.Run).Kind);
        Assert.Throws<ObjectDisposedException>(() => context.OutputData(0).Length);
        Assert.Throws<EngineException>(context.Run);

        Run(context, [1, 2]);
        Assert.Equal([2f, 4], Floats(context));
    }

    [Fact]
    public void Run_OnceWarm_AllocatesNothingButWhatTheDoubleDoes()
    {
        using OnnxRuntimeCudaEngine engine = HostBackedCuda.Load(Add(), graphs: false, out _);
        using IEngineContext context = engine.CreateContext();
        float[] values = GC.AllocateArray<float>(64, pinned: true);
        for (int run = 0; run < 10; run++) Run(context, values);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int run = 0; run < 100; run++) Run(context, values);
        long each = (GC.GetAllocatedBytesForCurrentThread() - before) / 100;

        // One handle an output, by the stand-in.
        Assert.InRange(each, 0, 120);
    }

    [Fact]
    public void DeviceMemoryBytes_OfAContextWithInputs_CountsThem()
    {
        using OnnxRuntimeCudaEngine engine = HostBackedCuda.Load(Add(), graphs: false, out HostBackedCuda cuda);
        long before = engine.DeviceMemoryBytes;
        using (IEngineContext context = engine.CreateContext())
        {
            Run(context, new float[1 << 20]);
            Assert.InRange(cuda.BufferBytes, 8 << 20, 16 << 20);
            // The session's arena is counted, too: there the output was made.
            Assert.InRange(engine.DeviceMemoryBytes - before, cuda.BufferBytes + (4 << 20), 64 << 20);
        }

        Assert.Equal(0, cuda.BufferBytes);
    }

    [Fact]
    public void Context_OfADisposedEngine_RunsOn()
    {
        OnnxRuntimeCudaEngine engine = HostBackedCuda.Load(Add(), graphs: false, out _);
        using IEngineContext context = engine.CreateContext();
        engine.Dispose();
        Run(context, [3]);
        Assert.Equal([6f], Floats(context));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void StreamedRun_EachPhase_IsEnqueuedApart(bool graphs)
    {
        using OnnxRuntimeCudaEngine engine = HostBackedCuda.Load(Add(), graphs, out _);
        Tensor[] inputs = [Tensor.Copy<float>("b", [1, 2], 2), Tensor.Copy<float>("a", [10, 20], 2)];
        using IStreamedRun run = engine.CreateStreamedRun([.. inputs]);
        using var stream = new CudaStream();
        using var there = new CudaEvent();
        for (int i = 0; i < 3; i++)
        {
            run.EnqueueInputs(stream);
            there.Record(stream);
            run.ComputeStream.WaitFor(there);
            run.EnqueueRun();
            run.EnqueueOutputs(stream);
            stream.Synchronize();
        }

        EngineException refused = Assert.Throws<EngineException>(() => engine.CreateStreamedRun([inputs[0]]).Dispose());
        Assert.Equal(EngineErrorKind.InvalidInput, refused.Kind);
    }

    [Fact]
    public void Benchmark_OfADeviceEngine_MeasuresPhaseByPhase()
    {
        using OnnxRuntimeCudaEngine engine = HostBackedCuda.Load(Add(), graphs: false, out _);
        ImmutableArray<long> shape = [100_000];
        var range = new ShapeRange { Minimum = shape, Typical = shape, Maximum = shape };
        var profile = new ShapeProfile
        {
            Name = "line",
            Inputs = ImmutableSortedDictionary<string, ShapeRange>.Empty.Add("a", range).Add("b", range),
        };
        var limits = new BenchmarkLimits { WarmUp = TimeSpan.FromMilliseconds(20), Duration = TimeSpan.FromMilliseconds(100) };

        BenchmarkEvidence evidence = LatencyBenchmark.Run(engine, [profile], limits, null, Cancellation);

        Assert.Equal(BenchmarkMethods.CudaEvents, evidence.Method);
        Assert.True(evidence.DeviceMemoryBytes > 0);
        ProfileBenchmark result = Assert.Single(evidence.Profiles);
        DevicePhases phases = result.Phases!;
        Assert.True(result.Samples >= LatencyBenchmark.SamplesMinimum);
        double sum = phases.CopyToDevice.MeanMilliseconds + phases.Compute.MeanMilliseconds + phases.CopyToHost.MeanMilliseconds;
        Assert.Equal(result.MeanMilliseconds, sum, tolerance: 1e-6);
        Assert.True(phases.CopyToDevice.P50Milliseconds > 0 && phases.Enqueue.P50Milliseconds > 0);
        Assert.True(result.P50Milliseconds <= result.P90Milliseconds && result.P90Milliseconds <= result.P95Milliseconds);
        Assert.True(result.P95Milliseconds <= result.P99Milliseconds);
        Assert.Null(result.Clocks);
    }

    private static void Run(IEngineContext context, float[] values)
    {
        fixed (float* data = values)
        {
            context.SetInput(0, (nint)data, 4L * values.Length, [values.Length]);
            context.SetInput(1, (nint)data, 4L * values.Length, [values.Length]);
            context.Run();
        }
    }

    private static float[] Floats(IEngineContext context) => MemoryMarshal.Cast<byte, float>(context.OutputData(0)).ToArray();

    private static TinyModel Add() =>
        new TinyModel().Node("Add", ["a", "b"], ["y"]).Input("a", 1, "n").Input("b", 1, "n").Output("y", 1, "n");
}
