namespace Pipeline.Engines.Tests.TensorRt;

/// <summary>Plans that do not load, each with its own reason; and everything given back in the end.</summary>
public sealed class TensorRtLoadTests : TensorRtTest
{
    [Theory]
    [InlineData("fault=other-version", EngineErrorKind.OtherVersion)]
    [InlineData("fault=other-device", EngineErrorKind.OtherDevice)]
    [InlineData("version=11.0.0.1", EngineErrorKind.OtherVersion)]
    [InlineData("device=sm_75", EngineErrorKind.OtherDevice)]
    [InlineData("memory=1", EngineErrorKind.OutOfMemory)]
    public void Load_APlanForSomethingElse_IsTyped(string program, EngineErrorKind kind)
    {
        byte[] plan = Build(Model());
        SimulatedGpu.Program(program);
        EngineException refused = Assert.Throws<EngineException>(() => SimulatedGpu.Backend().Load(plan, Cancellation));
        Assert.Equal(kind, refused.Kind);
        Assert.StartsWith($"The engine of {plan.Length} bytes does not load: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_AnyDamage_IsRefused()
    {
        byte[] plan = Build(Model());
        var random = new Random(1);
        for (int i = 0; i < 200; i++)
        {
            byte[] damaged = [.. plan];
            if (i % 2 == 0) damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            else damaged = damaged[..random.Next(damaged.Length)];
            Assert.Throws<EngineException>(() => SimulatedGpu.Backend().Load(damaged, Cancellation));
        }
    }

    [Fact]
    public void Load_WhatABuildMadeCorrupt_IsLoadFailed()
    {
        SimulatedGpu.Program($"{Fast};fault=corrupt-plan");
        EngineException refused = Assert.Throws<EngineException>(() => BuildAndLoad(Model()));
        Assert.Equal(EngineErrorKind.LoadFailed, refused.Kind);
    }

    [Fact]
    public void Everything_AThousandTimes_IsGivenBack()
    {
        byte[] plan = Build(Model(), Profile("small", 1, 2, 4), Profile("large", 5, 6, 8));
        using var cancelled = new CancellationTokenSource();
        Round();
        long before = SimulatedGpu.Settle();
        long memory = SimulatedGpu.Backend().ReadDeviceMemory()!.Value.FreeBytes;
        for (int i = 0; i < 1000; i++) Round();
        Assert.Equal(before, SimulatedGpu.LiveObjects);
        Assert.Equal(memory, SimulatedGpu.Backend().ReadDeviceMemory()!.Value.FreeBytes);

        void Round()
        {
            using IEngine engine = SimulatedGpu.Backend().Load(plan, Cancellation);
            using IEngineContext context = engine.CreateContext();
            for (int i = 0; i < 3; i++) Run(context, Batch(2));
            Run(context, Batch(7));
            Assert.Throws<EngineException>(() => Run(context, Batch(9)));
            engine.Run([Batch(3)], Cancellation).Dispose();
            ((IDeviceEngine)engine).CreateStreamedRun([Batch(1)]).Dispose();
            Assert.Throws<EngineException>(() => ((IDeviceEngine)engine).CreateStreamedRun([Batch(9)]));
            Assert.Throws<EngineException>(() => SimulatedGpu.Backend().Load(plan.AsMemory(0, 50), Cancellation));
        }
    }

    [Fact]
    public async Task Dispose_WhileOthersRun_EndsThemAndGivesEverythingBack()
    {
        byte[] plan = Build(Model(), Profile("all", 1, 4, 8));
        long before = SimulatedGpu.Settle();
        for (int i = 0; i < 50; i++)
        {
            IEngine engine = SimulatedGpu.Backend().Load(plan, Cancellation);
            using var running = new CountdownEvent(3);
            Task[] runs = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() => RunUntilDisposed(engine, running), Cancellation))];
            running.Wait(Cancellation);
            engine.Dispose();
            await Task.WhenAll(runs);
        }

        Assert.Equal(before, SimulatedGpu.LiveObjects);

        static void RunUntilDisposed(IEngine engine, CountdownEvent running)
        {
            engine.Run([Batch(2)], Cancellation).Dispose();
            running.Signal();
            Assert.Throws<ObjectDisposedException>((Action)(() =>
            {
                while (true) engine.Run([Batch(2)], Cancellation).Dispose();
            }));
        }
    }

    [Fact]
    public void Builds_ThatEndInAnyWay_GiveEverythingBack()
    {
        byte[] model = Model();
        Build(model);
        long before = SimulatedGpu.Settle();
        for (int i = 0; i < 100; i++)
        {
            SimulatedGpu.Program(i % 2 == 0 ? Fast : $"{Fast};fault=build-failed");
            if (i % 2 == 0) Build(model);
            else Assert.Throws<EngineException>(() => Build(model));
        }

        Assert.Equal(before, SimulatedGpu.LiveObjects);
    }
}
