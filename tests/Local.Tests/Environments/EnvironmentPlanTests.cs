using System.Collections.Immutable;
using Pipeline.Core.Naming;
using Pipeline.Engines.Simulation;
using Pipeline.Local.Environments;
using Pipeline.Local.Processes;

namespace Pipeline.Local.Tests.Environments;

/// <summary>Which processes serve which lanes.</summary>
public sealed class EnvironmentPlanTests
{
    private static readonly Lane Processor = Lane.Parse("cpu-x64-avx2/ort-1.29.0-cpu");

    [Fact]
    public void Programs_WithSimulatedGpus_HaveAWorkerAndAnEdgeMoreForEach()
    {
        EnvironmentPlan plan = Plan(new LocalEnvironmentOptions
        {
            DataDirectory = "/data",
            Workers = 2,
            Edges = 1,
            SimulatedGpus = ["sm_75", "sm_90-h200"],
        });
        ImmutableDictionary<string, ChildSpec> programs = plan.Programs().ToImmutableDictionary(p => p.Name);

        Assert.Equal(
            [
                "bridge", "edge-1", "edge-simulated-sm_75", "edge-simulated-sm_90-h200", "functions", "worker-1", "worker-2",
                "worker-simulated-sm_75", "worker-simulated-sm_90-h200",
            ],
            programs.Keys.Order(StringComparer.Ordinal));
        Lane simulated = new("sm_90-h200", SimulatedRuntime.Name);
        Assert.Equal([Processor, new Lane("sm_75", SimulatedRuntime.Name), simulated], plan.Lanes);
        Assert.Equal($"{Processor}", programs["worker-2"].Environment["Worker__Lane"]);
        Assert.DoesNotContain(SimulatedRuntime.ProgramVariable, programs["worker-2"].Environment.Keys);
        Assert.DoesNotContain(SimulatedRuntime.ProgramVariable, programs["edge-1"].Environment.Keys);
        ImmutableDictionary<string, string> worker = programs["worker-simulated-sm_90-h200"].Environment;
        ImmutableDictionary<string, string> edge = programs["edge-simulated-sm_90-h200"].Environment;
        Assert.Equal($"{simulated}", worker["Worker__Lane"]);
        Assert.Equal((simulated.Target, simulated.Runtime), (edge["Edge__Target"], edge["Edge__Runtime"]));
        Assert.All([worker, edge], e => Assert.Contains("device=sm_90-h200;", e[SimulatedRuntime.ProgramVariable], StringComparison.Ordinal));
        Assert.Equal(plan.SimulatedGpus[1].EdgeAddress, plan.Edges[2]);
        Assert.Contains($"{simulated}", programs["functions"].Environment["Pipeline__Lanes"], StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_OfASimulatedWorker_WinOverTheEnvironments()
    {
        EnvironmentPlan plan = Plan(new LocalEnvironmentOptions
        {
            DataDirectory = "/data",
            SimulatedGpus = ["sm_75"],
            Settings = ImmutableDictionary<string, ImmutableDictionary<string, string>>.Empty.Add(
                "worker-simulated-sm_75", ImmutableDictionary<string, string>.Empty.Add(SimulatedRuntime.ProgramVariable, "fault=crash")),
        });

        ChildSpec worker = plan.Programs().Single(p => p.Name == "worker-simulated-sm_75");
        Assert.Equal("fault=crash", worker.Environment[SimulatedRuntime.ProgramVariable]);
    }

    private static EnvironmentPlan Plan(LocalEnvironmentOptions options) =>
        new(options, [Processor], new DevelopmentKeyFiles { SigningKey = "signing.pem", TrustedKeys = "trusted.pem" });
}
