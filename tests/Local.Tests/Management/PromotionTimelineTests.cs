using Pipeline.Core.Builds;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;
using Pipeline.Local.Management;

namespace Pipeline.Local.Tests.Management;

public sealed class PromotionTimelineTests
{
    private static readonly DateTimeOffset Uploaded = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);
    private static readonly Lane Lane = Lane.Parse("cpu-x64-avx2/ort-1.29.0-cpu");

    [Fact]
    public void Of_LivePromotion_TellsEachStageInOrderOfTime()
    {
        var timeline = PromotionTimeline.Of(
            View(), [Entry(2, "m", "1", 9), Entry(3, "m", "2", 10), Entry(4, "n", "1", 11)]);

        Assert.Equal(
            [
                (0, "uploaded"),
                (1, "accepted as number 7"),
                (2, "cpu-x64-avx2/ort-1.29.0-cpu queued"),
                (8, "cpu-x64-avx2/ort-1.29.0-cpu engine built (build 1.50 s); gates: "),
                (9, "route cpu-x64-avx2 revision 2 by pipeline: because"),
                (9, "Live: It serves."),
            ],
            timeline.Select(e => ((int)e.Seconds, e.What)));
    }

    [Fact]
    public void Stage_WhileBuilding_NamesWhatTheWorkerDoes()
    {
        PromotionView live = View();
        PromotionView building = live with
        {
            Promotion = live.Promotion with { State = PromotionState.Building },
            Lanes =
            [
                live.Lanes[0] with
                {
                    Record = live.Lanes[0].Record with { Phase = LanePhase.Queued },
                    Progress = new LaneProgress
                    {
                        Attempt = 1,
                        Stage = "accuracy",
                        Fraction = 0.5,
                        Worker = "w",
                        StartedAt = Uploaded,
                        UpdatedAt = Uploaded,
                    },
                },
            ],
        };

        Assert.Equal(("Building    cpu-x64-avx2/ort-1.29.0-cpu: accuracy", "50 %"), PromotionProgress.Of(building));
    }

    private static PromotionView View() => new()
    {
        Promotion = new Promotion
        {
            Model = "m",
            Version = "1",
            AcceptanceNumber = 7,
            UploadedAt = Uploaded,
            AcceptedAt = Uploaded.AddSeconds(1),
            Source = new SourceFile
            {
                Path = "m/1/model.onnx",
                ETag = "e",
                SizeBytes = 1,
                Sha256 = new string('0', 64),
            },
            State = PromotionState.Live,
            StateReason = "It serves.",
            StateSince = Uploaded.AddSeconds(9),
        },
        Lanes =
        [
            new LaneView
            {
                State = PromotionState.Live,
                Record = new LaneRecord
                {
                    Lane = Lane,
                    Phase = LanePhase.Passed,
                    Attempt = 1,
                    QueuedAt = Uploaded.AddSeconds(2),
                    FinishedAt = Uploaded.AddSeconds(8),
                    Stages = [new StageTime { Stage = "build", Seconds = 1.5 }],
                },
            },
        ],
        Routes = [],
    };

    private static RouteHistoryEntry Entry(long revision, string model, string version, int second) => new()
    {
        Revision = revision,
        At = Uploaded.AddSeconds(second),
        Who = "pipeline",
        Why = "because",
        Before = null,
        After = new Route
        {
            Model = model,
            Target = Lane.Target,
            Stable = new RoutedVersion
            {
                Version = version,
                AcceptanceNumber = 1,
                Engines = System.Collections.Immutable.ImmutableSortedDictionary<string, RoutedEngine>.Empty,
            },
        },
    };
}
