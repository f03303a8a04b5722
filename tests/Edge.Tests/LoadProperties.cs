using System.Collections.Immutable;
using System.Net;
using FsCheck;
using FsCheck.Fluent;
using Pipeline.Core.Fleet;
using Pipeline.Core.Routing;
using Pipeline.Edge.Tests.Support;

namespace Pipeline.Edge.Tests;

/// <summary>
/// Whatever sequence of routes, failures and restarts: what serves was stated for the model, and a model that had a
/// working engine on disk answers.
/// </summary>
public sealed class LoadProperties
{
    private const int EngineCount = 4;

    private enum Step
    {
        PublishGood,
        PublishCandidate,
        PublishGarbage,
        PublishMissing,
        PublishMisstated,
        PublishElsewhere,
        Restart,
        LeaveCrash,
        RotSpare,
        StorageAway,
        StorageBack,
    }

    [Fact]
    public void Serving_AfterAnySequence_IsStatedAndNeverStops()
    {
        Gen<(Step Step, int Engine)> steps =
            from step in Gen.Elements(Enum.GetValues<Step>())
            from engine in Gen.Choose(1, EngineCount)
            select (step, engine);
        Prop.ForAll(steps.ListOf(10).ToArbitrary(), sequence => HoldsAsync(sequence).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(25));
    }

    private static async Task<bool> HoldsAsync(IEnumerable<(Step Step, int Engine)> sequence)
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync(
            "add", Engine(1), configure: o => o with { CrashRetryDelay = TimeSpan.FromMilliseconds(50) });
        RoutedVersion stable = edge.Version("add", "1", Engine(1));
        int revision = 1;
        bool away = false;
        foreach ((Step step, int engine) in sequence)
        {
            // Version and engine have the same number, so that an answer says what it was made with.
            RoutedVersion version = edge.Version("add", $"{engine}", Engine(engine));
            (string runtime, RoutedEngine routed) = version.Engines.Single();
            Route? route = null;
            switch (step)
            {
                case Step.PublishGood:
                    route = edge.Route("add", stable = version);
                    break;
                case Step.PublishCandidate:
                    route = edge.Route("add", stable, version, 5_000);
                    break;
                case Step.PublishGarbage:
                    route = edge.Route("add", edge.Version("add", $"garbage-{engine}", [(byte)engine, 1, 2, 3]));
                    break;
                case Step.PublishMissing:
                    RoutedVersion missing = edge.Version("add", $"missing-{engine}", [(byte)engine]);
                    edge.Engines.Files.TryRemove(missing.Engines.Values.Single().EngineDigest, out _);
                    route = edge.Route("add", missing);
                    break;
                case Step.PublishMisstated:
                    route = edge.Route("add", version with { Version = "misstated" });
                    break;
                case Step.PublishElsewhere:
                    route = edge.Route("add", version with
                    {
                        Engines = ImmutableSortedDictionary<string, RoutedEngine>.Empty.Add("ort-1.0.0-cuda", routed),
                    });
                    break;
                case Step.Restart:
                    await edge.RestartAsync();
                    break;
                case Step.LeaveCrash:
                    string folder = Path.Combine(edge.CacheDirectory, "loads");
                    await File.WriteAllTextAsync(Path.Combine(folder, $"{routed.EngineDigest}.{Guid.NewGuid():N}.loading"), "");
                    break;
                case Step.RotSpare when edge.State.Table.Models["add"].Stable!.Engine.Digest != routed.EngineDigest:
                    string file = Path.Combine(edge.CacheDirectory, "engines", routed.EngineDigest + ".engine");
                    await File.WriteAllBytesAsync(file + ".rotten", [1, 2, 3]);
                    File.Move(file + ".rotten", file, overwrite: true);
                    break;
                case Step.StorageAway or Step.StorageBack:
                    edge.Routes.IsAway = edge.Engines.IsAway = away = step == Step.StorageAway;
                    break;
            }

            if (route is not null)
            {
                revision = (int)edge.Publish(route);
                if (!away) await EdgeHarness.Until(() => edge.FollowedRevision == revision, "the routes are followed");
            }

            await EdgeHarness.Until(() => edge.State.IsReady, $"the model answers after {step} {engine}");
            for (int i = 0; i < 4; i++)
            {
                InferAnswer answer = await edge.SendAsync(InferCall.Row("add", 0).With("x-user-id", $"user-{i}"));
                Assert.Equal(HttpStatusCode.OK, answer.Status);
                Assert.Equal(answer.Version, $"{(int)answer.Floats()[0]}");
            }

            Assert.DoesNotContain(
                edge.State.Table.Statuses,
                s => s.Status == EdgeEngineStatus.Serving && !int.TryParse(s.Version, out int _));
        }

        return true;
    }

    private static byte[] Engine(int number) => TestEngines.Build(TinyOnnx.Add(number));
}
