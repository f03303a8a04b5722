using System.Globalization;
using System.Net.Http.Headers;
using Azure.Storage.Blobs.Models;
using Pipeline.Bench.Serving;
using Pipeline.Cloud;
using Pipeline.Cloud.Connections;
using Pipeline.Cloud.Engines;
using Pipeline.Cloud.Uploads;
using Pipeline.Core.Builds;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Local.Environments;
using Pipeline.Local.Management;

namespace Pipeline.Bench.Promoting;

/// <summary>Promotes versions through a running environment and says where the time went.</summary>
internal sealed class PromotionProbe : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly Lane lane;
    private readonly CloudClients clients;
    private readonly UploadStore uploads;
    private readonly ReportStore reports;
    private readonly ManagementClient management;
    private readonly HttpClient edge;
    private readonly byte[] body;
    private readonly int jsonLength;

    public PromotionProbe(EnvironmentDescription environment)
    {
        lane = environment.Lanes[0];
        clients = new CloudClients(new CloudOptions { Storage = environment.Storage });
        (uploads, reports) = (new UploadStore(clients), new ReportStore(clients));
        management = new ManagementClient(environment.Functions);
        edge = new HttpClient { BaseAddress = environment.Edges[0], Timeout = Deadline };
        body = Classifier.Body(Classifier.Input(1), out jsonLength);
    }

    /// <summary>The policy of every version of the model.</summary>
    public async Task UploadPolicyAsync(string json, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json));
        await uploads.UploadAsync(UploadPath.Policy(Classifier.Model), content, overwrite: true, cancellationToken);
    }

    /// <summary>Uploads a model and waits until the edge answers with it.</summary>
    /// <exception cref="InvalidOperationException">It does not go live, or not in time.</exception>
    public async Task<PromotionTimes> PromoteAsync(string version, byte[] model, CancellationToken cancellationToken)
    {
        var id = new ModelVersion(Classifier.Model, version);
        using var content = new MemoryStream(model);
        DateTimeOffset started = TimeProvider.System.GetUtcNow();
        await uploads.UploadAsync(UploadPath.Model(id), content, overwrite: false, cancellationToken);
        DateTimeOffset uploaded = TimeProvider.System.GetUtcNow();
        await WaitAsync(id, async () => await AskAsync(cancellationToken) == version, cancellationToken);
        DateTimeOffset answered = TimeProvider.System.GetUtcNow();
        // The next version is not to meet this one's end.
        PromotionView view = null!;
        await WaitAsync(
            id,
            async () => (view = await management.GetAsync(id, cancellationToken)).Promotion.State == PromotionState.Live,
            cancellationToken);
        LaneRecord record = view.Lanes.Single().Record;
        BuildReport report = (await reports.ReadNewestAsync(id, lane, cancellationToken))!;
        DateTimeOffset routed = (await management.HistoryAsync(lane.Target, cancellationToken)).Entries
            .Where(e => e.After.Model == id.Model && e.After.Stable?.Version == id.Version).Min(e => e.At);
        DateTimeOffset accepted = view.Promotion.AcceptedAt!.Value;
        DateTimeOffset taken = report.FinishedAt - TimeSpan.FromSeconds(report.Stages.Sum(s => s.Seconds));
        DateTimeOffset judged = record.FinishedAt!.Value;
        return new PromotionTimes
        {
            Stages =
            [
                ("upload", (uploaded - started).TotalSeconds),
                ("noticed", (accepted - uploaded).TotalSeconds),
                ("planned", (record.QueuedAt - accepted).TotalSeconds),
                ("queued", (taken - record.QueuedAt).TotalSeconds),
                .. report.Stages.Select(s => (s.Stage, s.Seconds)),
                ("judged", (judged - report.FinishedAt).TotalSeconds),
                ("routed", (routed - judged).TotalSeconds),
                ("edge", (answered - routed).TotalSeconds),
            ],
            Reused = record.Reused,
        };
    }

    public async Task<int> CountEnginesAsync(CancellationToken cancellationToken)
    {
        int engines = 0;
        await foreach (BlobItem blob in clients.Container(EntityNames.EnginesContainer)
            .GetBlobsAsync(cancellationToken: cancellationToken))
        {
            if (blob.Name.EndsWith(".engine", StringComparison.Ordinal)) engines++;
        }

        return engines;
    }

    public async ValueTask DisposeAsync()
    {
        edge.Dispose();
        management.Dispose();
        await clients.DisposeAsync();
    }

    private async Task WaitAsync(
        ModelVersion id, Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        DateTimeOffset deadline = TimeProvider.System.GetUtcNow() + Deadline;
        while (!await condition())
        {
            if (TimeProvider.System.GetUtcNow() > deadline)
            {
                Promotion? promotion = (await management.FindAsync(id, cancellationToken))?.Promotion;
                throw new InvalidOperationException(
                    $"'{id}' does not serve after {Deadline.TotalSeconds} s; it is {promotion?.State}: {promotion?.StateReason}");
            }

            await Task.Delay(Interval, cancellationToken);
        }
    }

    private async Task<string?> AskAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"v2/models/{Classifier.Model}/infer", UriKind.Relative));
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        request.Headers.Add("Inference-Header-Content-Length", jsonLength.ToString(CultureInfo.InvariantCulture));
        using HttpResponseMessage answer = await edge.SendAsync(request, cancellationToken);
        return answer.IsSuccessStatusCode ? answer.Headers.GetValues("x-model-version").Single() : null;
    }
}
