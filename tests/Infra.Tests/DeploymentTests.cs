using Pipeline.Core.Fleet;
using Pipeline.Infra.Tests.Bicep;
using Pipeline.Infra.Tests.Checks;
using Pipeline.Testing;

namespace Pipeline.Infra.Tests;

/// <summary>The whole, evaluated as a deployment would, against what Azure says of each resource type and against the programs.</summary>
public sealed class DeploymentTests
{
    [Theory]
    [InlineData("dev", true)]
    [InlineData("prod", true)]
    [InlineData("dev", false)]
    [InlineData("prod", false)]
    public void Resources_AreWhatAzureTakes(string stage, bool released)
    {
        Deployment deployment = Environments.Of(stage, released);

        Assert.Empty(deployment.Faults());
        Assert.Equal(released, deployment.Of("Microsoft.App/jobs").Any());
        Assert.Equal(released, deployment.Of("Microsoft.App/containerApps").Any());
    }

    [Theory]
    [InlineData("dev")]
    [InlineData("prod")]
    public void Names_AreThoseOfThePrograms(string stage) => Assert.Empty(NameChecks.Faults(Environments.Of(stage)));

    [Theory]
    [InlineData("dev")]
    [InlineData("prod")]
    public void Identities_HaveTheDocumentedRightsAndNoOther(string stage) => Assert.Empty(AccessChecks.Faults(Environments.Of(stage)));

    [Theory]
    [InlineData("dev")]
    [InlineData("prod")]
    public void Programs_StartWithTheirSettings(string stage) => Assert.Empty(SettingChecks.Faults(Environments.Of(stage)));

    [Theory]
    [InlineData("dev")]
    [InlineData("prod")]
    public void Alerts_LookForWhatHappens(string stage) => Assert.Empty(AlertChecks.Faults(Environments.Of(stage)));

    [Theory]
    [InlineData("dev")]
    [InlineData("prod")]
    public void Nothing_OpensWithAKey(string stage) => Assert.Empty(SecurityChecks.Faults(Environments.Of(stage)));

    [Fact]
    public void Lanes_OfMachinesOutsideHaveAQueueAndNoJob()
    {
        string[] jobs = [.. Environments.Prod.Of("Microsoft.App/jobs").Select(j => SettingChecks.OfContainer(j)["Worker__Lane"])];

        Assert.Equal(
            ["sm_75/trt-11.1.0.106", "sm_80/trt-11.1.0.106", "cpu-x64-avx2/ort-1.29.0-cpu", "sm_90-h200/trt-11.1.0.106"],
            NameChecks.Lanes(Environments.Prod).Select(l => l.ToString()));
        Assert.Equal(["sm_75/trt-11.1.0.106", "sm_80/trt-11.1.0.106", "cpu-x64-avx2/ort-1.29.0-cpu"], jobs);
    }

    [Fact]
    public void Snapshots_HaveAsManyReplicasAtMostAsThePollPlan() => Assert.Equal(
        PollPlan.ReplicasMaximum,
        BicepFolder.Own.Open("main.bicep").Symbols["snapshotReplicas"].Decorator("maxValue")!.Value[0].GetProperty("value").GetInt32());

    [Fact]
    public void Functions_SignWithTheVersionThatTheyAreTold()
    {
        Assert.Matches("/keys/signing$", SettingChecks.OfFunctions(Environments.Of("prod", released: false))["Pipeline__Signing__KeyVaultKey"]);
        Assert.Matches("/keys/signing/[0-9a-f]{32}$", SettingChecks.OfFunctions(Environments.Prod)["Pipeline__Signing__KeyVaultKey"]);
    }

    [Fact]
    public void Lanes_MayBeOfOnnxRuntimeOnCuda()
    {
        BicepFolder folder = BicepFolder.Own
            .With("main.bicepparam", "{ target: 'sm_80', runtime: 'trt-11.1.0.106'", "{ target: 'sm_80', runtime: 'ort-1.29.0-cuda'")
            .With("main.bicepparam", "        target: 'sm_80'\n        runtime: 'trt-11.1.0.106'",
                "        target: 'sm_80'\n        runtime: 'ort-1.29.0-cuda'");

        Assert.Empty(AllChecks.Faults(folder));
    }

    [Fact]
    public void Edges_MayFollowSeveralTargets() => Assert.Empty(AllChecks.Faults(BicepFolder.Own.With(
        "modules/edges.bicep", "{ name: 'Edge__Target', value: entry.target }", "{ name: 'Edge__Targets__0', value: entry.target }")));

    [Fact]
    public void Operators_MayReplayWhateverMayBeGivenUp()
    {
        // The command takes from the entity's dead letters and sends to the queue, or to the topic of the subscription.
        Grant[] operators = [.. Grant.Of(Environments.Prod).Where(g => g.Who == "operators")];

        foreach ((string from, string to) in new[]
        {
            ("queue `blob-events`", "queue `blob-events`"), ("each build queue", "each build queue"),
            ("subscription `gatekeeper`", "topic `promotion-events`"),
        })
        {
            Assert.Contains(new Grant("operators", "Azure Service Bus Data Receiver", from), operators);
            Assert.Contains(new Grant("operators", "Azure Service Bus Data Sender", to), operators);
        }
    }

    [Fact]
    public void Outputs_AreWhatTheCommandLineReads() => Assert.Superset(
        new HashSet<string>
        {
            "PIPELINE_FUNCTIONS_URL", "PIPELINE_API_AUDIENCE", "PIPELINE_STORAGE_ACCOUNT", "PIPELINE_SERVICEBUS_NAMESPACE", "PIPELINE_LANES",
        },
        Environments.Prod.Outputs.Keys.ToHashSet());

    [Fact]
    public void Probes_AskWhatAnEdgeAnswers()
    {
        string endpoints = File.ReadAllText(Repository.PathOf("edge", "Serving", "ProtocolEndpoints.cs"));
        foreach (BicepResource app in Environments.Prod.Of("Microsoft.App/containerApps"))
        {
            var container = (Dictionary<string, object?>)((List<object?>)app.Get("properties.template.containers")!).Single()!;
            var probes = ((List<object?>)container["probes"]!).Cast<Dictionary<string, object?>>().ToArray();
            Assert.Equal(["Startup", "Liveness", "Readiness"], probes.Select(p => p["type"]));
            Assert.All(probes, p => Assert.Contains($"MapGet(\"{((Dictionary<string, object?>)p["httpGet"]!)["path"]}\"", endpoints, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Jobs_RunACommandThatTheWorkerHas()
    {
        string command = File.ReadAllText(Repository.PathOf("gpu-worker", "Commands", "RunCommand.cs"));
        foreach (BicepResource job in Environments.Prod.Of("Microsoft.App/jobs"))
        {
            var container = (Dictionary<string, object?>)((List<object?>)job.Get("properties.template.containers")!).Single()!;
            Assert.Equal(["run", "--once"], (List<object?>)container["args"]!);
        }

        Assert.Contains("new Command(\"run\"", command, StringComparison.Ordinal);
        Assert.Contains("new Option<bool>(\"--once\")", command, StringComparison.Ordinal);
    }
}
