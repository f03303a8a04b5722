using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Pipeline.Cloud.Connections;
using Pipeline.Cloud.Promotions;
using Pipeline.Core.Builds;
using Pipeline.GpuWorker.Jobs;
using Pipeline.GpuWorker.Queue;
using Pipeline.Testing;

namespace Pipeline.GpuWorker.Tests.Queue;

public sealed class ProgressWriterTests(CloudFixture cloud)
{
    [Fact]
    public async Task Dispose_TableNeverAnswers_EndsAfterItsPatience()
    {
        // Connections are accepted by the system, and nobody reads from them.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var time = new TestTimeProvider();
        await using CloudClients clients = ClientsWithTableAt(((IPEndPoint)silent.LocalEndpoint).Port);
        var writer = new ProgressWriter(new LaneStore(clients), await RequestAsync(), "worker", time);
        writer.Report(new JobProgress("build", 0.5));

        Task disposed = writer.DisposeAsync().AsTask();
        time.Advance(TimeSpan.FromSeconds(2));

        await disposed.WaitAsync(Eventually.Deadline, Workbench.Cancel);
    }

    [Fact]
    public async Task Dispose_TableIsDown_IsNoError()
    {
        // The clock stands still: what ends the write is its failure, not the writer's patience.
        await using CloudClients clients = ClientsWithTableAt(FreePort.Next());
        var writer = new ProgressWriter(new LaneStore(clients), await RequestAsync(), "worker", new TestTimeProvider());
        writer.Report(new JobProgress("build", 0.5));

        await writer.DisposeAsync();
    }

    private async Task<BuildRequest> RequestAsync()
    {
        using var bench = new Workbench(cloud);
        return await bench.RequestAsync(TestModels.Tiny());
    }

    private CloudClients ClientsWithTableAt(int port)
    {
        string here = cloud.Azurite.Ports.Table.ToString(CultureInfo.InvariantCulture);
        string there = port.ToString(CultureInfo.InvariantCulture);
        return new CloudClients(new CloudOptions
        {
            Storage = cloud.Azurite.ConnectionString.Replace($":{here}/", $":{there}/", StringComparison.Ordinal),
        });
    }
}
