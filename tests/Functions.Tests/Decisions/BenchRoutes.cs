using System.Collections.Immutable;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;
using Pipeline.Core.Routing;
using Pipeline.Functions.Routes;

namespace Pipeline.Functions.Tests.Decisions;

/// <summary>Brings versions onto routes that nobody uploaded or built.</summary>
internal static class BenchRoutes
{
    /// <param name="lanes">Lanes of one target.</param>
    public static async Task PutAsync(this Bench bench, int number, RolloutPolicy policy, params Lane[] lanes)
    {
        var engine = new RoutedEngine
        {
            EngineKey = Bench.EngineOf(number),
            EngineDigest = Bench.EngineOf(number),
            SizeBytes = 3,
            Statement = new() { PayloadType = "t", Payload = "", Signatures = [] },
        };
        var version = new RoutedVersion
        {
            Version = $"{number}",
            AcceptanceNumber = number,
            Engines = lanes.ToImmutableSortedDictionary(l => l.Runtime, _ => engine, StringComparer.Ordinal),
        };
        Assert.IsType<RouteOutcome.Changed>(await bench.Get<RouteExecutor>().ChangeAsync(
            lanes[0].Target, bench.Model,
            f => RoutePlanner.Introduce(
                f.Current, f.Revision, bench.Model, lanes[0].Target, version, policy, byPerson: false, "ada",
                bench.Clock.GetUtcNow()),
            Bench.Cancel));
    }
}
