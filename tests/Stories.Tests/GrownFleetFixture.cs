using System.Collections.Immutable;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Engines;
using Pipeline.Local.Environments;
using Pipeline.Testing;

namespace Pipeline.Stories.Tests;

/// <summary>
/// An environment that went live on one target, and was then started again with a worker and an edge of a second one.
/// A processor with AVX-512 is both.
/// </summary>
public sealed class GrownFleetFixture : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();

    public static bool IsPossible { get; } = MachineTargets.Processor.Contains(MachineTargets.X64Avx512);

    public static ModelVersion Early { get; } = new("fleet-early", "1");

    public LocalEnvironment Environment { get; private set; } = null!;

    /// <summary>Asks the edge of the first target.</summary>
    public PipelineClient First { get; private set; } = null!;

    /// <summary>Asks the edge of the second target.</summary>
    public PipelineClient Second { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (!IsPossible) return;
        string runtime = LocalEnvironment.LaneOfThisMachine().Runtime;
        ImmutableArray<Lane> lanes = [new(MachineTargets.X64Avx2, runtime), new(MachineTargets.X64Avx512, runtime)];
        await using (LocalEnvironment small = await StartAsync(lanes[..1]))
        await using (var client = new PipelineClient(small))
        {
            await client.PushAsync(Early, TinyModels.Scale(3), Policies.AtOnce);
            await client.ReachesAsync(Early, PromotionState.Live);
        }

        Environment = await StartAsync(lanes);
        First = new PipelineClient(Environment);
        Second = new PipelineClient(Environment, edge: 1);
    }

    public async ValueTask DisposeAsync()
    {
        if (First is not null) await First.DisposeAsync();
        if (Second is not null) await Second.DisposeAsync();
        if (Environment is not null) await Environment.DisposeAsync();
        if (TestContext.Current.TestState is not { Result: TestResult.Failed }) folder.Dispose();
    }

    private Task<LocalEnvironment> StartAsync(ImmutableArray<Lane> lanes)
    {
        var settings = ImmutableDictionary<string, ImmutableDictionary<string, string>>.Empty
            .Add("functions", Setting("ReconcileTickSchedule", "*/1 * * * * *"));
        for (int i = 0; i < lanes.Length; i++) settings = settings.Add($"edge-{i + 1}", Setting("Edge__Target", lanes[i].Target));
        return LocalEnvironment.StartAsync(
            new LocalEnvironmentOptions
            {
                DataDirectory = folder.Root,
                Lanes = lanes,
                Workers = lanes.Length,
                Edges = lanes.Length,
                Settings = settings,
            },
            _ => { },
            TestContext.Current.CancellationToken);
    }

    private static ImmutableDictionary<string, string> Setting(string name, string value) =>
        ImmutableDictionary<string, string>.Empty.Add(name, value);
}
