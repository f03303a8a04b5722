using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Pipeline.Core.Routing;

namespace Pipeline.Core.Tests.Routing;

public sealed class NarrowestRoutesTests
{
    private const string Mine = "trt-11.1.0.106";
    private const string Other = "trt-10.16.0.72";

    private static readonly string[] Targets = ["sm_90-h200", "sm_90", "sm_80"];
    private static readonly string[] Models = ["a", "b", "c"];

    private enum Stable
    {
        Absent,
        NotYet,
        OfAnotherRuntime,
        Running,
        RunningBoth,
    }

    [Fact]
    public void NarrowerRoute_CountsOnlyOnceItHasAStableEngine()
    {
        RouteSnapshot wide = Snapshot("sm_90", ("a", Stable.Running), ("b", Stable.Running), ("c", Stable.OfAnotherRuntime));
        RouteSnapshot narrow = Snapshot("sm_90-h200", ("a", Stable.NotYet), ("b", Stable.Running), ("c", Stable.OfAnotherRuntime));
        Assert.Equal(
            ["b sm_90-h200", "c sm_90-h200", "a sm_90"],
            NarrowestRoutes.Choose([narrow, wide], Mine).Select(r => $"{r.Model} {r.Target}"));
        Assert.All(NarrowestRoutes.Choose([wide], Mine), r => Assert.Equal("sm_90", r.Target));
        Assert.Empty(NarrowestRoutes.Choose([], Mine));
    }

    /// <summary>Checked against the rule, model by model, for every number of snapshots and every state of their routes.</summary>
    [Fact]
    public void Choice_IsTheNarrowestThatRunsTheModel_ElseTheNarrowestThatNamesOne()
    {
        Gen<RouteSnapshot[]> snapshots =
            from states in Gen.Elements(Enum.GetValues<Stable>()).ArrayOf(Targets.Length * Models.Length)
            from missing in Gen.Choose(0, (1 << Targets.Length) - 1)
            select Targets.Select((t, i) => Snapshot(t, [.. Models.Select((m, j) => (m, states[(i * Models.Length) + j]))]))
                .Where((_, i) => (missing & (1 << i)) == 0).ToArray();
        Prop.ForAll(snapshots.ToArbitrary(), Holds).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    private static bool Holds(RouteSnapshot[] narrowestFirst)
    {
        ImmutableArray<Route> chosen = NarrowestRoutes.Choose(narrowestFirst, Mine);
        return Models.All(model =>
        {
            Route[] named =
                [.. narrowestFirst.SelectMany(s => s.Routes).Where(r => r.Model == model && r.Stable is not null)];
            Route? expected = named.FirstOrDefault(r => r.Stable!.Engines.ContainsKey(Mine)) ?? named.FirstOrDefault();
            Route[] found = [.. chosen.Where(r => r.Model == model)];
            return expected is null ? found.Length == 0 : found.Length == 1 && ReferenceEquals(found[0], expected);
        });
    }

    private static RouteSnapshot Snapshot(string target, params (string Model, Stable Stable)[] routes) => new()
    {
        Schema = RouteSnapshot.CurrentSchema,
        Target = target,
        Revision = 1,
        Routes =
        [
            .. routes.Where(r => r.Stable != Stable.Absent).Select(r => new Route
            {
                Model = r.Model,
                Target = target,
                Stable = r.Stable switch
                {
                    Stable.Running => Some.Version(1, Mine),
                    Stable.RunningBoth => Some.Version(1, Mine, Other),
                    Stable.OfAnotherRuntime => Some.Version(1, Other),
                    _ => null,
                },
            }),
        ],
    };
}
