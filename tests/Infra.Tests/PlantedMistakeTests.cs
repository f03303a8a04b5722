using Pipeline.Infra.Tests.Bicep;
using Pipeline.Infra.Tests.Checks;
using Pipeline.Testing;

namespace Pipeline.Infra.Tests;

/// <summary>Each kind of mistake, planted into the real files, is found and named.</summary>
public sealed class PlantedMistakeTests
{
    [Theory]
    // Syntax, names inside of the files.
    [InlineData("modules/registry.bicep", "    adminUserEnabled: false", "    adminUserEnabled false", "syntax")]
    [InlineData("modules/registry.bicep", "param location string", "param location string\nvar location = 'x'", "'location' is declared twice")]
    [InlineData("modules/registry.bicep", "server string = registry.properties", "server string = registri.properties", "there is no 'registri'")]
    [InlineData("modules/registry.bicep", "registry.properties.loginServer", "registry.properties.loginServers", "there is no 'loginServers'")]
    [InlineData("main.bicep", "'modules/vault.bicep'", "'modules/vaults.bicep'", "there is no such file")]
    [InlineData("main.bicep", "import { containers, eventDeadLetters, packages, tables }", "import { containers, eventDeadLetter, packages, tables }", "exports no 'eventDeadLetter'")]
    // Modules' parameters and outputs.
    [InlineData("main.bicep", "    retentionDays: logRetentionDays\n", "", "the parameter 'retentionDays' is not given")]
    [InlineData("main.bicep", "    retentionDays: logRetentionDays\n", "    retentionDays: logRetentionDays\n    days: 3\n", "there is no parameter 'days'")]
    [InlineData("main.bicep", "    retentionDays: logRetentionDays\n", "    retentionDays: location\n", "the value is no int")]
    [InlineData("main.bicep", "    storageId: data.outputs.id\n", "    storageId: data.outputs.ident\n", "there is no 'ident'")]
    [InlineData("main.bicep", "param logRetentionDays int = 30", "param logRetentionDays int = 3", "3 is below 30")]
    [InlineData("main.bicepparam", "host: 'A100', builds: 1", "host: 'A10', builds: 1", "'A10' is none of the values")]
    [InlineData("main.bicepparam", "host: 'A100', builds: 1", "host: 'A100'", "the member 'builds' is missing")]
    [InlineData("modules/storage.bicep", "output tableUri string =", "output tableUri int =", "the value is no int")]
    [InlineData("modules/edges.bicep", "output urls array = [\n  for (entry, index) in edges: {\n    lane: '${entry.target}/${entry.runtime}'\n",
        "output urls array = map(range(0, 2), index => app[index].id)\noutput others array = [\n  for (entry, index) in edges: {\n", "BCP247")]
    // Resource bodies.
    [InlineData("modules/vault.bicep", "enableSoftDelete:", "enableSoftDeletion:", "there is no such property")]
    [InlineData("modules/vault.bicep", "curveName: 'P-256'", "curveName: 'P256'", "'P256' is none of")]
    [InlineData("modules/vault.bicep", "    tenantId: tenant().tenantId\n", "", ".properties.tenantId: it is required")]
    [InlineData("modules/vault.bicep", "    kty: 'EC'", "    keyUri: 'x'\n    kty: 'EC'", ".properties.keyUri: it is read-only")]
    [InlineData("modules/vault.bicep", "vaults/keys@2026-02-01", "vaults/keys@2026-02-02", "not in tests/data/bicep-types")]
    [InlineData("modules/events.bicep", "endpointType: 'ServiceBusQueue'", "endpointType: 'ServiceBus'", "none of the kinds")]
    [InlineData("modules/storage.bicep", "supportsHttpsTrafficOnly: true", "supportsHttpsTrafficOnly: 'yes'", "a BooleanType is wanted")]
    [InlineData("modules/messaging.bicep", "  parent: topic\n  name: followSubscription", "  parent: namespace\n  name: followSubscription", "its parent is a")]
    [InlineData("modules/access.bicep", "{ on: containers.reports, who: functions, role: roles.blobReader }", "{ on: 'rapports', who: functions, role: roles.blobReader }", "'rapports' that is referred to")]
    [InlineData("modules/access.bicep", "{ on: containers.reports, who: functions, role: roles.blobReader }", "{ on: containers.models, who: functions, role: roles.blobReader }", "is made 2 times")]
    // Names that the programs know.
    [InlineData("entities.bicep", "caches: 'caches'", "caches: 'cache'", "the programs know 'caches'")]
    [InlineData("entities.bicep", "fleet: 'Fleet'", "fleet: 'Fleets'", "the programs do not know it")]
    [InlineData("entities.bicep", "'build-${target}--${runtime}'", "'build-${target}-${runtime}'", "the programs know 'build-sm_75--trt-11.1.0.106'")]
    [InlineData("entities.bicep", "var typeProperty = 'type'", "var typeProperty = 'kind'", "event types that the gatekeeper sees")]
    [InlineData("entities.bicep", "  'pipeline.engine.failed'\n", "", "the programs know 'pipeline.engine.failed'")]
    [InlineData("entities.bicep", "var modelFile = 'model.onnx'", "var modelFile = 'model.pt'", "events of another file")]
    [InlineData("modules/messaging.bicep", "index == 0 ? '$Default' :", "index == 7 ? '$Default' :", "nothing replaces the rule")]
    [InlineData("modules/messaging.bicep", "Window: 'PT10M'\n      maxSize", "Window: 'PT20M'\n      maxSize", "would be dropped as a duplicate")]
    [InlineData("modules/messaging.bicep", "lockDuration: 'PT5M'\n    maxDeliveryCount: 10\n    defaultMessageTimeToLive: 'P7D'\n    deadLetteringOnMessageExpiration: true\n    deadL",
        "lockDuration: 'PT1M'\n    maxDeliveryCount: 10\n    defaultMessageTimeToLive: 'P7D'\n    deadLetteringOnMessageExpiration: true\n    deadL",
        "its message of 'gatekeeper' is lost")]
    [InlineData("modules/messaging.bicep", "maxDeliveryCount: 5", "maxDeliveryCount: 6", "other than 5 deliveries")]
    [InlineData("modules/messaging.bicep", "Window: 'P1D'", "Window: 'PT1H'", "after the queue has forgotten it")]
    [InlineData("modules/workers.bicep", "namespace: serviceBusName", "namespace: serviceBusHost", "wants the namespace's short name")]
    [InlineData("naming.bicep", "replace(replace(target, '_', ''), '-', '')", "target", "Container Apps refuses the name")]
    // Rights.
    [InlineData("modules/access.bicep", "map(edges, who => { on: containers.engines, who: who, role: roles.blobReader }),", "map(edges, who => { on: containers.engines, who: who, role: roles.blobContributor }),", "'edge' has the role 'Storage Blob Data Contributor'")]
    [InlineData("modules/access.bicep", "    { on: containers.reports, who: functions, role: roles.blobReader }\n", "", "'functions' lacks the role")]
    [InlineData("modules/access.bicep", "  [{ who: functions, role: roles.keySigner }],", "  [{ who: functions, role: roles.keySigner }, { who: workers[0], role: roles.keySigner }],", "'worker' has a right on the signing key")]
    [InlineData("modules/access.bicep", "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0", "090c5cfd-751d-490a-894a-3ce6f1109419", "unknown role")]
    // Settings.
    [InlineData("modules/functions.bicep", "    RolloutTickSchedule: rolloutSchedule\n", "", "the setting 'RolloutTickSchedule' is not set")]
    [InlineData("modules/functions.bicep", "    ServiceBus__clientId: identity.clientId\n", "", "the setting 'ServiceBus__clientId' is not set")]
    [InlineData("modules/functions.bicep", "Pipeline__TableServiceUri: tableUri", "Pipeline__TableUri: tableUri", "no program reads the setting 'Pipeline__TableUri'")]
    [InlineData("modules/functions.bicep", "    Pipeline__ServiceBusNamespace: serviceBusHost\n", "", "No Service Bus is configured")]
    [InlineData("modules/functions.bicep", "    Pipeline__Signing__KeyVaultKey: signingKeyUri\n", "", "Pipeline:Signing:KeyFile")]
    [InlineData("modules/functions.bicep", "unauthenticatedClientAction: 'Return401'", "unauthenticatedClientAction: 'AllowAnonymous'", "the name of the caller")]
    [InlineData("modules/functions.bicep", "snapshotReplicas)\n    Pipeline__Snapshots__PollShortest: pollShortest", "snapshotReplicas)\n    Pipeline__Snapshots__PollShortest: 'soon'", "soon")]
    [InlineData("modules/workers.bicep", "'Worker__Lane'", "'Worker__Lanes'", "Worker__Lane")]
    [InlineData("modules/workers.bicep", "value: '/scratch/worker'", "value: '/worker'", "is not in a volume")]
    [InlineData("modules/edges.bicep", "value: 'http://0.0.0.0:8080'", "value: 'http://0.0.0.0:8081'", "listens on another port")]
    [InlineData("modules/edges.bicep", "{ name: 'Edge__DrainDelay', value: '00:00:15' }", "{ name: 'Edge__DrainDelay', value: '00:00:35' }", "killed while it still answers")]
    [InlineData("modules/edges.bicep", "value: '/keys/trusted.pem'", "value: '/trusted/trusted.pem'", "nothing puts the trusted keys")]
    [InlineData("modules/edges.bicep", "value: uniqueString(trustedKeys)", "value: ''", "nothing restarts the edges")]
    // Alerts and safety.
    [InlineData("modules/alerts.bicep", "Log has \"could not be read\"", "Log has \"cannot be read\"", "which no program logs")]
    [InlineData("modules/alerts.bicep", "pipeline.rollout.withdrawn", "pipeline.rollout.withdraw_", "which no program logs")]
    [InlineData("modules/storage.bicep", "allowSharedKeyAccess: false", "allowSharedKeyAccess: true", "'properties.allowSharedKeyAccess'")]
    [InlineData("modules/storage.bicep", "isVersioningEnabled: history", "isVersioningEnabled: false", "is lost")]
    [InlineData("main.bicep", "= data.outputs.name\noutput", "= 'AccountKey=abc'\noutput", "holds a secret")]
    public void Mistake_IsFound(string path, string old, string mistake, string told)
    {
        string[] faults = [.. Faults(BicepFolder.Own.With(path, old, mistake))];

        Assert.Contains(faults, f => f.Contains(told, StringComparison.Ordinal));
    }

    [Fact]
    public void Declaration_ThatNothingUses_IsFound() => Assert.Contains(
        "nothing uses 'extra'",
        Assert.Single(BicepFolder.Own.With("modules/registry.bicep", "param location string", "param location string\nparam extra string")
            .Open("modules/registry.bicep").Unused()),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("      \"Function.RolloutTick.User\": \"Information\",\n", "", "'RolloutTick' logs, by 'Function.RolloutTick'")]
    [InlineData("\"default\": \"Information\"", "\"default\": \"Warning\"", "'EngineReported' logs, by 'default'")]
    [InlineData("Trace;Exception", "Exception", "sampling leaves out")]
    public void LogThatAlertsDoNotSee_IsFound(string old, string mistake, string told)
    {
        string host = File.ReadAllText(Repository.PathOf("host.json"));
        Assert.Empty(AlertChecks.Unheard(host));
        Assert.Contains(old, host, StringComparison.Ordinal);

        Assert.Contains(
            AlertChecks.Unheard(host.Replace(old, mistake, StringComparison.Ordinal)), f => f.Contains(told, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Faults(BicepFolder folder)
    {
        try
        {
            return AllChecks.Faults(folder);
        }
        catch (KeyNotFoundException e)
        {
            return [e.Message];
        }
    }
}
