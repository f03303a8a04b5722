using System.Globalization;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;
using Pipeline.Local.Commands;
using Pipeline.Local.Environments;
using Pipeline.Local.Management;
using Pipeline.Local.Uploading;
using Pipeline.Onnx.Rewriting;

namespace Pipeline.Local.Demo;

/// <summary>
/// The demo's story: a model goes live and reads a picture; a second version goes through a canary while requests flow;
/// a rollback puts the first one back. Every step that does not hold ends it with a <see cref="CommandException"/>.
/// </summary>
internal sealed class DemoRun(Narrator narrator, EnvironmentDescription environment, string workFolder) : IDisposable
{
    private const string Model = "ocr-rec";
    private static readonly ModelVersion First = new(Model, "1");
    private static readonly ModelVersion Second = new(Model, "2");
    private static readonly TimeSpan EdgeDeadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly ManagementClient management = new(environment.Functions);
    private readonly InferenceClient edge = new(environment.Edges[0]);
    private readonly DemoPicture picture = DemoPicture.Load();
    private readonly string target = environment.Lanes[0].Target;

    private static string ModelPath => RepositoryLayout.OcrModel("ch_PP-OCRv4_rec_infer.onnx");

    public async Task<DemoResult> RunAsync(CancellationToken cancellationToken)
    {
        Title("A model goes live");
        PromotionView live = await PromoteAsync(First, ModelPath, cancellationToken);
        TextReading reading = await ReadAsync(First, cancellationToken);
        Step($"The edge read '{reading.Text}' with version {reading.Version}, engine {reading.EngineDigest[..12]}.");
        Check(reading.Text == DemoPicture.Text,
            $"The picture says '{DemoPicture.Text}', and the edge read '{reading.Text}'.");

        Title("A second version takes over while requests flow");
        var counts = new TrafficCounts(Second.Version);
        string rolledBackTo;
        await using (new Traffic(environment.Edges[0], Model, picture.Piece, counts))
        {
            await CanaryAsync(counts, cancellationToken);
            Title("A rollback");
            rolledBackTo = await RollBackAsync(reading, cancellationToken);
        }

        Check(counts.Failed == 0, $"{counts.Failed} of {counts.Sent} requests failed: {counts.FirstFailure}");
        Step($"{counts.Sent} requests were sent from the canary to the rollback, and none failed.");
        return new DemoResult
        {
            TextRead = reading.Text,
            ServedBy = $"{Model}/{reading.Version}@{reading.EngineDigest}",
            UploadToLiveSeconds = Math.Round(UploadToLive(live), 2),
            BuildSeconds = StageOf(live, "build"),
            BenchmarkSeconds = StageOf(live, "benchmark"),
            RequestsSent = counts.Sent,
            RequestsFailed = counts.Failed,
            CandidateShareSeen = counts.Shares(),
            RolledBackTo = rolledBackTo,
        };
    }

    public void Dispose()
    {
        management.Dispose();
        edge.Dispose();
    }

    private async Task<PromotionView> PromoteAsync(
        ModelVersion id, string modelPath, CancellationToken cancellationToken)
    {
        var upload = new Upload
        {
            ModelPath = modelPath,
            PolicyPath = RepositoryLayout.PathOf("local", "Demo", "promotion.json"),
        };
        await using RunningEnvironment running = RunningEnvironment.Of(environment);
        UploadResult result = await PushCommand.PushAsync(narrator, running, id, upload, cancellationToken);
        Check(result == UploadResult.Uploaded,
            $"'{id}' is in this data folder already; give the demo a folder of its own.");
        PromotionView view = await new PromotionFollower(running, narrator).FollowAsync(id, cancellationToken);
        Check(view.Promotion.State == PromotionState.Live,
            $"'{id}' is {view.Promotion.State}: {view.Promotion.StateReason}");
        IEnumerable<string> stages = view.Lanes.SelectMany(l => l.Record.Stages)
            .Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Stage} {s.Seconds:0.0} s"));
        Step($"{id} went live {Seconds(UploadToLive(view))} after its upload; of that {string.Join(", ", stages)}.");
        return view;
    }

    private async Task CanaryAsync(TrafficCounts counts, CancellationToken cancellationToken)
    {
        string modelPath = Path.Combine(workFolder, "model.onnx");
        await using (FileStream source = File.OpenRead(ModelPath))
        await using (FileStream destination = File.Create(modelPath))
        {
            OnnxRewrite rewrite = await OnnxRewriter.RewriteAsync(
                source, destination, WeightTransform.RoundToBFloat16, null, cancellationToken);
            Check(rewrite.IsDone, rewrite.Fault?.Message ?? "");
            Step($"Version 2 has the same network with {rewrite.ChangedCount} weights rounded through bfloat16.");
        }

        using var live = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task watching = WatchWeightAsync(counts, live.Token);
        await PromoteAsync(Second, modelPath, cancellationToken);
        counts.SetWeight(0);
        await live.CancelAsync();
        await watching;
        foreach (WeightShare share in counts.Shares())
        {
            Step(string.Create(CultureInfo.InvariantCulture,
                $"At {share.WeightPercent:0.##} % the candidate answered {share.SharePercent:0.0} % " +
                $"of {share.Requests} requests."));
        }

        Check(!counts.Shares().IsEmpty, "No request was answered during the canary.");
        Check(counts.StrayedUser is null, $"'{counts.StrayedUser}' saw version 2, and then version 1 again.");
        TextReading reading = await ReadAsync(Second, cancellationToken);
        Step($"The edge read '{reading.Text}' with version {reading.Version}, engine {reading.EngineDigest[..12]}.");
        Check(reading.Text == DemoPicture.Text,
            $"The picture says '{DemoPicture.Text}', and version 2 read '{reading.Text}'.");
    }

    private async Task<string> RollBackAsync(TextReading before, CancellationToken cancellationToken)
    {
        CommandResult result = await management.ChangeAsync(
            Model, "rollback", new CommandRequest { Reason = "the demo shows a rollback" }, cancellationToken);
        foreach (string done in result.Done) Step(done);
        TextReading after = await ReadAsync(First, cancellationToken);
        Check(
            after.EngineDigest == before.EngineDigest, "The rollback brought another engine than the one from before.");
        Check(after.Text == before.Text, $"After the rollback the edge read '{after.Text}'.");
        PromotionView second = await management.GetAsync(Second, cancellationToken);
        Check(second.Promotion.State == PromotionState.RolledBack,
            $"'{Second}' is {second.Promotion.State}, not RolledBack.");
        Step($"Version {after.Version} serves again, with the engine from before.");
        return after.Version;
    }

    /// <summary>Asks the edge until the version answers: it loads and warms a new engine first.</summary>
    private async Task<TextReading> ReadAsync(ModelVersion id, CancellationToken cancellationToken) =>
        await narrator.DuringAsync($"Waiting until the edge serves {id}", async () =>
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(EdgeDeadline);
            while (true)
            {
                InferenceAnswer? answer = await edge.InferAsync(Model, picture.Whole, "the-demo", cancellationToken);
                if (answer?.Version == id.Version)
                {
                    return new TextReading
                    {
                        Text = picture.Read(answer),
                        Version = answer.Version,
                        EngineDigest = answer.EngineDigest,
                    };
                }

                Check(!deadline.IsCancellationRequested,
                    $"The edge does not serve '{id}' after {EdgeDeadline.TotalSeconds:0} s.");
                await Task.Delay(Interval, cancellationToken);
            }
        });

    /// <summary>Keeps the counts told which weight the edge follows.</summary>
    private async Task WatchWeightAsync(TrafficCounts counts, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                TargetRoutes? routes = (await management.RoutesAsync(cancellationToken)).Targets
                    .FirstOrDefault(t => t.Target == target);
                FleetList fleet = await management.FleetAsync(cancellationToken);
                Route? route = routes?.Routes.FirstOrDefault(r => r.Route.Model == Model)?.Route;
                bool followed = fleet.Edges.All(e => e.Report.Revision == routes?.Revision);
                counts.SetWeight(followed ? route?.CandidateWeight ?? 0 : 0);
                await Task.Delay(Interval, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The version is live: there is no weight to watch any more.
        }
    }

    private static double UploadToLive(PromotionView view) =>
        (view.Promotion.StateSince - view.Promotion.UploadedAt).TotalSeconds;

    private static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s");

    private static double StageOf(PromotionView view, string stage) =>
        Math.Round(view.Lanes.SelectMany(l => l.Record.Stages).Where(s => s.Stage == stage).Sum(s => s.Seconds), 2);

    private void Title(string text) => narrator.Say($"\n== {text}");

    private void Step(string text) => narrator.Say(text);

    private static void Check(bool holds, string otherwise)
    {
        if (!holds) throw new CommandException(otherwise);
    }
}
