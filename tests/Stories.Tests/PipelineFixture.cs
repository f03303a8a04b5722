using System.Collections.Immutable;
using Pipeline.Local.Environments;
using Pipeline.Stories.Tests;
using Pipeline.Testing;

[assembly: AssemblyFixture(typeof(PipelineFixture))]
// One environment for all stories, and two cores: one story at a time. Each has models of its own.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Pipeline.Stories.Tests;

/// <summary>The whole pipeline as processes on this machine, shared by all stories.</summary>
public sealed class PipelineFixture : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();

    public LocalEnvironment Environment { get; private set; } = null!;

    public PipelineClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var options = new LocalEnvironmentOptions
        {
            DataDirectory = folder.Root,
            // A killed worker's message must come back within a story's patience.
            LockDuration = TimeSpan.FromSeconds(5),
            DuplicateWindow = TimeSpan.FromSeconds(4),
            Settings = ImmutableDictionary<string, ImmutableDictionary<string, string>>.Empty.Add(
                "functions",
                ImmutableDictionary<string, string>.Empty
                    .Add("Pipeline__ResendAfter", "00:00:06")
                    .Add("ReconcileTickSchedule", "*/2 * * * * *")),
        };
        Environment = await LocalEnvironment.StartAsync(options, _ => { }, TestContext.Current.CancellationToken);
        Client = new PipelineClient(Environment);
    }

    public async ValueTask DisposeAsync()
    {
        if (Client is not null) await Client.DisposeAsync();
        if (Environment is not null) await Environment.DisposeAsync();
        bool failed = TestContext.Current.TestState is { Result: TestResult.Failed };
        if (!failed) folder.Dispose();
    }
}
