using System.IO.Pipes;
using Pipeline.GpuWorker.Building;
using Pipeline.Testing;

namespace Pipeline.GpuWorker.Tests.Building;

public sealed class ParentWatchTests
{
    [Fact]
    public async Task Input_Closes_StopsTheBuildAndThenEndsTheProcess()
    {
        using var parent = new AnonymousPipeServerStream(PipeDirection.Out);
        using var input = new AnonymousPipeClientStream(PipeDirection.In, parent.ClientSafePipeHandle);
        var ended = new TaskCompletionSource();
        using var watch = new ParentWatch(input, TimeSpan.FromMilliseconds(50), ended.SetResult);
        Assert.False(watch.Stop.IsCancellationRequested);

        parent.Dispose();

        await ended.Task.WaitAsync(Eventually.Deadline, Workbench.Cancel);
        Assert.True(watch.Stop.IsCancellationRequested);
    }

    [Fact]
    public async Task Input_ClosesAndTheBuildEndsByItself_EndsNothing()
    {
        using var parent = new AnonymousPipeServerStream(PipeDirection.Out);
        using var input = new AnonymousPipeClientStream(PipeDirection.In, parent.ClientSafePipeHandle);
        bool isEnded = false;
        var watch = new ParentWatch(input, Eventually.Deadline, () => isEnded = true);

        parent.Dispose();
        await Eventually.Async(_ => Task.FromResult(watch.Stop.IsCancellationRequested), "the build is to stop", Workbench.Cancel);
        watch.Dispose();

        Assert.False(isEnded);
    }
}
