using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;
using Pipeline.Cloud;
using Pipeline.Cloud.Uploads;
using Pipeline.Core.Events;
using Pipeline.Core.Naming;
using Pipeline.Functions;
using Pipeline.Infra.Tests.Bicep;
using Pipeline.Testing;

namespace Pipeline.Infra.Tests.Checks;

/// <summary>Whether the entities have the names that the programs know, and behave as the programs take for granted.</summary>
internal static partial class NameChecks
{
    private const string EventDeadLetters = "event-dead-letters";
    private const string FollowSubscription = "follow";

    public static IEnumerable<string> Faults(Deployment deployment) =>
        Storage(deployment).Concat(Queues(deployment)).Concat(Locks(deployment))
            .Concat(Topic(deployment)).Concat(Uploads(deployment)).Concat(Machines(deployment));

    /// <summary>The lanes as the functions are told them.</summary>
    public static Lane[] Lanes(Deployment deployment) =>
        [.. new FunctionsOptions { Lanes = SettingChecks.OfFunctions(deployment)["Pipeline__Lanes"] }.DeployedLanes()];

    private static IEnumerable<string> Storage(Deployment deployment)
    {
        string account = deployment.Of("Microsoft.Storage/storageAccounts").Single(a => a.Name.StartsWith("stdata", StringComparison.Ordinal)).Id;
        return Compare("containers", [.. EntityNames.Containers, EventDeadLetters], Under("blobServices/containers"))
            .Concat(Compare("tables", EntityNames.Tables, Under("tableServices/tables")));

        IEnumerable<string> Under(string kind) => deployment.Of($"Microsoft.Storage/storageAccounts/{kind}")
            .Where(r => r.Id.StartsWith(account + "/", StringComparison.Ordinal)).Select(r => r.Name);
    }

    private static IEnumerable<string> Queues(Deployment deployment)
    {
        BicepResource[] queues = [.. deployment.Of("Microsoft.ServiceBus/namespaces/queues")];
        string[] builds = [.. Lanes(deployment).Select(EntityNames.BuildQueue)];
        foreach (string fault in Compare("queues", [EntityNames.BlobEventsQueue, .. builds], queues.Select(q => q.Name))) yield return fault;
        TimeSpan resendAfter = new FunctionsOptions().ResendAfter;
        foreach (BicepResource queue in queues)
        {
            if (queue.Get("properties.requiresDuplicateDetection") is not true) yield return $"{queue.Place}: '{queue.Name}' lets duplicates through.";
            if (queue.Get("properties.deadLetteringOnMessageExpiration") is not true) yield return $"{queue.Place}: '{queue.Name}' loses what expires.";
            if (!builds.Contains(queue.Name)) continue;
            if (Time(queue, "duplicateDetectionHistoryTimeWindow") >= resendAfter)
                yield return $"{queue.Place}: a request that is sent again after {resendAfter} would be dropped as a duplicate.";
            if (Time(queue, "lockDuration") != TimeSpan.FromMinutes(5)) yield return $"{queue.Place}: '{queue.Name}' is locked for other than 5 minutes.";
            if (queue.Get("properties.maxDeliveryCount") is not 5L) yield return $"{queue.Place}: '{queue.Name}' has other than 5 deliveries.";
        }
    }

    // A message of the functions stays theirs for as long as a function may run: its lock, and what the host renews of it.
    private static IEnumerable<string> Locks(Deployment deployment)
    {
        JsonElement host = JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(Repository.PathOf("host.json")));
        JsonElement bus = host.GetProperty("extensions").GetProperty("serviceBus");
        TimeSpan longest = TimeSpan.Parse(host.GetProperty("functionTimeout").GetString()!, CultureInfo.InvariantCulture);
        TimeSpan renewed = TimeSpan.Parse(bus.GetProperty("maxAutoLockRenewalDuration").GetString()!, CultureInfo.InvariantCulture);
        return deployment.Of("Microsoft.ServiceBus/namespaces/queues").Where(q => q.Name == EntityNames.BlobEventsQueue)
            .Concat(deployment.Of("Microsoft.ServiceBus/namespaces/topics/subscriptions").Where(s => s.Name == EntityNames.GatekeeperSubscription))
            .Where(entity => Time(entity, "lockDuration") + renewed < longest)
            .Select(entity => $"{entity.Place}: a function may run for {longest}, but its message of '{entity.Name}' is lost before that.");
    }

    private static IEnumerable<string> Topic(Deployment deployment)
    {
        foreach (string fault in Compare("topics", [EntityNames.EventsTopic], Names("topics"))
            .Concat(Compare("subscriptions", [EntityNames.GatekeeperSubscription, FollowSubscription], Names("topics/subscriptions"))))
        {
            yield return fault;
        }

        BicepResource[] rules = [.. deployment.Of("Microsoft.ServiceBus/namespaces/topics/subscriptions/rules")];
        // A new subscription has this rule, and it lets everything through.
        if (rules.All(r => r.Name != "$Default")) yield return "modules/messaging.bicep: nothing replaces the rule '$Default'.";
        foreach (string fault in Compare("event types that the gatekeeper sees", [EventTypes.EngineBuilt, EventTypes.EngineFailed],
            rules.Select(r => (r.Get("properties.correlationFilter.properties") as Dictionary<string, object?>)?
                .GetValueOrDefault(EntityNames.TypeProperty) as string ?? "nothing")))
        {
            yield return fault;
        }

        BicepResource follow = deployment.Of("Microsoft.ServiceBus/namespaces/topics/subscriptions").Single(s => s.Name == FollowSubscription);
        if (Time(follow, "defaultMessageTimeToLive") > TimeSpan.FromHours(1)) yield return $"{follow.Place}: it fills up while nobody watches.";

        IEnumerable<string> Names(string kind) => deployment.Of($"Microsoft.ServiceBus/namespaces/{kind}").Select(r => r.Name);
    }

    private static IEnumerable<string> Uploads(Deployment deployment)
    {
        BicepResource subscription = deployment.Of("Microsoft.EventGrid/systemTopics/eventSubscriptions").Single();
        BicepResource queue = deployment.Of("Microsoft.ServiceBus/namespaces/queues").Single(q => q.Name == EntityNames.BlobEventsQueue);
        if (subscription.Get("properties.filter.subjectBeginsWith") is not $"/blobServices/default/containers/{EntityNames.ModelsContainer}/blobs/")
            yield return $"{subscription.Place}: events of another container than '{EntityNames.ModelsContainer}'.";
        if (subscription.Get("properties.filter.subjectEndsWith") is not "/" + UploadPath.ModelFile)
            yield return $"{subscription.Place}: events of another file than '{UploadPath.ModelFile}'.";
        if (!Equals(subscription.Get("properties.deliveryWithResourceIdentity.destination.properties.resourceId"), queue.Id))
            yield return $"{subscription.Place}: events go elsewhere than to '{EntityNames.BlobEventsQueue}'.";
        long minutes = (long)subscription.Get("properties.retryPolicy.eventTimeToLiveInMinutes")!;
        if (Time(queue, "duplicateDetectionHistoryTimeWindow") < TimeSpan.FromMinutes(minutes))
            yield return $"{queue.Place}: Event Grid may deliver an event again after the queue has forgotten it.";
    }

    private static IEnumerable<string> Machines(Deployment deployment)
    {
        string busName = deployment.Of("Microsoft.ServiceBus/namespaces").Single().Name;
        foreach (BicepResource job in deployment.Of("Microsoft.App/jobs"))
        {
            Lane lane = Lane.Parse(SettingChecks.OfContainer(job)["Worker__Lane"]);
            var rule = (Dictionary<string, object?>)((List<object?>)job.Get("properties.configuration.eventTriggerConfig.scale.rules")!)[0]!;
            var metadata = (Dictionary<string, object?>)rule["metadata"]!;
            if (metadata["queueName"] is not string name || name != EntityNames.BuildQueue(lane))
                yield return $"{job.Place}: the job of '{lane}' waits for another queue.";
            if (metadata["namespace"] is not string bus || bus != busName) yield return $"{job.Place}: the scaler wants the namespace's short name.";
        }

        foreach (BicepResource machine in deployment.Of("Microsoft.App/jobs").Concat(deployment.Of("Microsoft.App/containerApps")))
        {
            if (!MachineName().IsMatch(machine.Name)) yield return $"{machine.Place}: Container Apps refuses the name '{machine.Name}'.";
        }
    }

    private static TimeSpan Time(BicepResource resource, string property) => XmlConvert.ToTimeSpan((string)resource.Get($"properties.{property}")!);

    private static IEnumerable<string> Compare(string what, IEnumerable<string> inCode, IEnumerable<string> inBicep)
    {
        string[] wanted = [.. inCode];
        string[] there = [.. inBicep];
        foreach (string name in wanted.Except(there)) yield return $"{what}: the programs know '{name}', infra does not make it.";
        foreach (string name in there.Except(wanted)) yield return $"{what}: infra makes '{name}', the programs do not know it.";
    }

    // Azure's rule for jobs; apps have it, too.
    [GeneratedRegex(@"\A[a-z](?!.*--)[a-z0-9-]{0,30}[a-z0-9]\z")]
    private static partial Regex MachineName();
}
