using System.Collections.Immutable;
using Pipeline.Engines.Simulation;
using Pipeline.Local.Environments;
using Pipeline.Testing;

namespace Pipeline.Stories.Tests;

/// <summary>An environment with four simulated GPUs beside the processor: two that work, and two whose builds fail.</summary>
public sealed class SimulatedGpuFixture : IAsyncLifetime
{
    public const string Plain = "sm_75";
    public const string Product = "sm_90-h200";
    public const string OutOfMemory = "sm_80";
    public const string Crashing = "sm_86";

    private readonly TemporaryFolder folder = new();

    /// <summary>Why there is no environment; null where there is one.</summary>
    public static string? Missing { get; } = SimulatedRuntime.Missing();

    public LocalEnvironment Environment { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (Missing is not null) return;
        Environment = await LocalEnvironment.StartAsync(
            new LocalEnvironmentOptions
            {
                DataDirectory = folder.Root,
                SimulatedGpus = [Plain, Product, OutOfMemory, Crashing],
                Settings = ImmutableDictionary<string, ImmutableDictionary<string, string>>.Empty
                    .Add($"worker-simulated-{Plain}", Double(Plain, "build_seconds=0.5"))
                    .Add($"worker-simulated-{Product}", Double(Product, "build_seconds=0.5"))
                    .Add($"worker-simulated-{OutOfMemory}", Double(OutOfMemory, "build_seconds=0;fault=out-of-memory"))
                    .Add($"worker-simulated-{Crashing}", Double(Crashing, "build_seconds=0.1;fault=crash")),
            },
            _ => { },
            TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (Environment is not null) await Environment.DisposeAsync();
        if (TestContext.Current.TestState is not { Result: TestResult.Failed }) folder.Dispose();
    }

    private static ImmutableDictionary<string, string> Double(string target, string more) =>
        ImmutableDictionary<string, string>.Empty.Add(SimulatedRuntime.ProgramVariable, $"device={target};{more}");
}
