using System.Net.Sockets;
using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Transport;

namespace Pipeline.Local.ServiceBus.Wire;

/// <summary>
/// One accepted socket as the AMQP library wants it. The library's own listener cannot take port 0, nor say which port
/// it took, nor refuse a connection.
/// </summary>
internal sealed class SocketTransport(Socket socket) : TransportBase("tcp")
{
    public override string LocalEndPoint { get; } = $"{socket.LocalEndPoint}";

    public override string RemoteEndPoint { get; } = $"{socket.RemoteEndPoint}";

    public override void SetMonitor(ITransportMonitor usageMeter)
    {
    }

    /// <summary>True: pending, the callback will come. False: done, and no callback.</summary>
    public override bool ReadAsync(TransportAsyncCallbackArgs args) =>
        IsPending(args, socket.ReceiveAsync(args.Buffer.AsMemory(args.Offset, args.Count)).AsTask());

    /// <inheritdoc cref="ReadAsync"/>
    public override bool WriteAsync(TransportAsyncCallbackArgs args)
    {
        if (args.Buffer is not null)
            return IsPending(args, socket.SendAsync(args.Buffer.AsMemory(args.Offset, args.Count)).AsTask());
        ArraySegment<byte>[] parts =
            [.. args.ByteBufferList.Select(b => new ArraySegment<byte>(b.Buffer, b.Offset, b.Length))];
        return IsPending(args, socket.SendAsync(parts));
    }

    protected override bool CloseInternal()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // The client has gone already.
        }

        socket.Dispose();
        return true;
    }

    protected override void AbortInternal() => socket.Dispose();

    private static bool IsPending(TransportAsyncCallbackArgs args, Task<int> transfer)
    {
        if (transfer.IsCompleted)
        {
            Finish(args, transfer, synchronously: true);
            return false;
        }

        _ = transfer.ContinueWith(
            done =>
            {
                Finish(args, done, synchronously: false);
                args.CompletedCallback(args);
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return true;
    }

    private static void Finish(TransportAsyncCallbackArgs args, Task<int> done, bool synchronously)
    {
        args.Exception = done.IsCanceled ? new OperationCanceledException() : done.Exception?.InnerException;
        args.BytesTransfered = done.IsCompletedSuccessfully ? done.Result : 0;
        args.CompletedSynchronously = synchronously;
    }
}
