using System.Globalization;
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
    public async Task Dispose_TableIsDown_EndsAfterItsPatience()
    {
        string table = cloud.Azurite.Ports.Table.ToString(CultureInfo.InvariantCulture);
        string dead = FreePort.Next().ToString(CultureInfo.InvariantCulture);
        var options = new CloudOptions { Storage = cloud.Azurite.ConnectionString.Replace(table, dead, StringComparison.Ordinal) };
        await using var clients = new CloudClients(options);
        using var bench = new Workbench(cloud);
        BuildRequest request = await bench.RequestAsync(TestModels.Tiny());
        var time = new TestTimeProvider();
        var writer = new ProgressWriter(new LaneStore(clients), request, "worker", time);
        writer.Report(new JobProgress("build", 0.5));

        Task disposed = writer.DisposeAsync().AsTask();
        time.Advance(TimeSpan.FromSeconds(2));

        await disposed;
    }
}
