using System.Collections.Immutable;
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
    public void Parts_WhileBuilding_NameWhatEachWorkerDoes()
    {
        PromotionView live = View();
        LaneView working = live.Lanes[0] with
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
        };
        PromotionView building = live with
        {
            Promotion = live.Promotion with { State = PromotionState.Building },
            Lanes =
            [
                working,
                working with
                {
                    Record = working.Record with { Lane = new Lane("sm_75", "trt-11.1.0.106-simulated") },
                    Progress = working.Progress with { Stage = "build", Fraction = null },
                },
                working with { Progress = null },
            ],
        };

        (string state, ImmutableArray<(string What, string Fraction)> parts) = PromotionProgress.Of(building);
        Assert.Equal("Building  ", state);
        Assert.Equal([("cpu-x64-avx2/ort-1.29.0-cpu: accuracy", "50 %"), ("sm_75/trt-11.1.0.106-simulated SIMULATED: build", "")], parts);
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
