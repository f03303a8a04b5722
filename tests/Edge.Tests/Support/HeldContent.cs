using System.Net;
using System.Text;

namespace Pipeline.Edge.Tests.Support;

/// <summary>A body of which half is sent at once and the rest when the test says so.</summary>
internal sealed class HeldContent(string text) : HttpContent
{
    private readonly byte[] bytes = Encoding.UTF8.GetBytes(text);
    private readonly TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => released.SetResult();

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
        await stream.FlushAsync();
        await released.Task;
        await stream.WriteAsync(bytes.AsMemory(bytes.Length / 2));
    }

    protected override bool TryComputeLength(out long length)
    {
        length = bytes.Length;
        return true;
    }
}
