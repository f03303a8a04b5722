using System.Globalization;
using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Pipeline.Cloud.Connections;
using Pipeline.Cloud.Routing;
using Pipeline.Cloud.Signing;
using Pipeline.Core.Naming;
using Pipeline.Edge;
using Pipeline.Engines.OnnxRuntime;
using Pipeline.Engines.TensorRt;
using Pipeline.Functions;
using Pipeline.GpuWorker;
using Pipeline.Infra.Tests.Bicep;

namespace Pipeline.Infra.Tests.Checks;

/// <summary>Whether each program would start with the settings that it is given: bound and validated as the program does it.</summary>
internal static class SettingChecks
{
    private static readonly (string Section, Type[] Options)[] Sections =
    [
        (CloudOptions.Section, [typeof(CloudOptions), typeof(FunctionsOptions)]),
        (SigningOptions.Section, [typeof(SigningOptions)]),
        (SnapshotOptions.Section, [typeof(SnapshotOptions)]),
        ("Worker", [typeof(WorkerOptions)]),
        (EdgeOptions.Section, [typeof(EdgeOptions)]),
        (OnnxRuntimeOptions.Section, [typeof(OnnxRuntimeOptions)]),
        (TensorRtOptions.Section, [typeof(TensorRtOptions)]),
    ];

    // What the Functions host itself reads, the connections of triggers aside.
    private static readonly string[] HostSettings =
    [
        "AzureWebJobsStorage__blobServiceUri", "AzureWebJobsStorage__tableServiceUri", "AzureWebJobsStorage__credential",
        "AzureWebJobsStorage__clientId", "APPLICATIONINSIGHTS_CONNECTION_STRING", "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
    ];

    // Read by nobody: another value makes another revision of an edge.
    private const string KeysDigest = "TRUSTED_KEYS_DIGEST";

    private static readonly string[] ConnectionParts = ["__fullyQualifiedNamespace", "__credential", "__clientId"];

    public static IEnumerable<string> Faults(Deployment deployment) =>
        Functions(deployment).Concat(Workers(deployment)).Concat(Edges(deployment));

    public static Dictionary<string, string> OfFunctions(Deployment deployment) => ((Dictionary<string, object?>)deployment
        .Of("Microsoft.Web/sites/config").Single(c => c.Name == "appsettings").Get("properties")!).ToDictionary(p => p.Key, p => (string)p.Value!);

    /// <summary>The variables of the one container of a job or an app.</summary>
    public static Dictionary<string, string> OfContainer(BicepResource machine) =>
        ((List<object?>)((Dictionary<string, object?>)((List<object?>)machine.Get("properties.template.containers")!).Single()!)["env"]!)
            .Cast<Dictionary<string, object?>>().ToDictionary(e => (string)e["name"]!, e => (string)e["value"]!);

    private static IEnumerable<string> Functions(Deployment deployment)
    {
        Dictionary<string, string> settings = OfFunctions(deployment);
        string[] wanted = [.. HostSettings, .. TriggerSettings()];
        foreach (string name in wanted.Where(n => !settings.ContainsKey(n))) yield return $"functions: the setting '{name}' is not set.";
        foreach (string fault in Unknown("functions", settings.Keys.Except(wanted))) yield return fault;
        foreach (string schedule in settings.Where(s => s.Key.EndsWith("Schedule", StringComparison.Ordinal)).Select(s => s.Value))
        {
            if (schedule.Split(' ').Length != 6) yield return $"functions: '{schedule}' is no schedule of six fields.";
        }

        IConfiguration configuration = Configuration(settings);
        ServiceCollection services = new();
        services.AddLogging().AddPromotions(configuration);
        foreach (string fault in Starting<CloudOptions>("functions", services).Concat(Starting<FunctionsOptions>("functions", services))
            .Concat(Starting<SnapshotOptions>("functions", services)).Concat(Starting<SigningOptions>("functions", services)))
        {
            yield return fault;
        }

        if (configuration["Pipeline:Signing:KeyVaultKey"] is null) yield return "functions: they have no key to sign with.";
        bool signIn = deployment.Of("Microsoft.Web/sites/config").Any(c =>
            c.Name == "authsettingsV2" && c.Get("properties.globalValidation.requireAuthentication") is true
            && c.Get("properties.globalValidation.unauthenticatedClientAction") is "Return401");
        if (configuration["Pipeline:PlatformSignIn"] != "true" || !signIn)
            yield return "functions: the name of the caller is only true where the platform validates it; both or none.";
    }

    private static IEnumerable<string> Workers(Deployment deployment)
    {
        foreach (BicepResource job in deployment.Of("Microsoft.App/jobs"))
        {
            Dictionary<string, string> settings = OfContainer(job);
            IConfiguration configuration = Configuration(settings);
            ServiceCollection services = new();
            services.AddPipelineCloud(configuration).AddPipelineMessages();
            services.AddOptions<WorkerOptions>().Bind(configuration.GetSection("Worker")).ValidateDataAnnotations();
            foreach (string fault in Unknown(job.Place, settings.Keys)
                .Concat(Starting<CloudOptions>(job.Place, services)).Concat(Starting<WorkerOptions>(job.Place, services)))
            {
                yield return fault;
            }

            if (!Lane.TryParse(configuration["Worker:Lane"], out _)) yield return $"{job.Place}: '{configuration["Worker:Lane"]}' is not a lane.";
            if (settings.Keys.Any(k => k.Contains("Signing", StringComparison.Ordinal))) yield return $"{job.Place}: a worker has no key.";
            foreach (string fault in Written(job, settings["Worker__WorkDirectory"])) yield return fault;
        }
    }

    private static IEnumerable<string> Edges(Deployment deployment)
    {
        string[] lanes = [.. NameChecks.Lanes(deployment).Select(l => l.ToString())];
        foreach (BicepResource app in deployment.Of("Microsoft.App/containerApps"))
        {
            Dictionary<string, string> settings = OfContainer(app);
            IConfiguration configuration = Configuration(settings);
            ServiceCollection services = new();
            services.AddPipelineCloud(configuration);
            foreach (string fault in Unknown(app.Place, settings.Keys.Except([KeysDigest])).Concat(Starting<CloudOptions>(app.Place, services)))
                yield return fault;
            EdgeOptions options = configuration.GetSection(EdgeOptions.Section).Get<EdgeOptions>()!;
            // The file is a volume there; here any file stands in for it.
            foreach (string fault in (options with { TrustedKeys = typeof(SettingChecks).Assembly.Location }).Faults()) yield return $"{app.Place}: {fault}";
            foreach (Lane lane in options.Followed.Select(options.LaneOn).Where(l => !lanes.Contains(l.ToString())))
                yield return $"{app.Place}: nobody builds for the lane '{lane}' of this edge.";
            if (settings["Edge__RouteReplicas"] != OfFunctions(deployment)["Pipeline__Snapshots__Replicas"])
                yield return $"{app.Place}: edges look for another number of snapshots than the functions write.";
            if (new Uri(options.Urls).Port != (long)app.Get("properties.configuration.ingress.targetPort")!)
                yield return $"{app.Place}: the edge listens on another port than the one that requests come to.";
            long grace = (long)app.Get("properties.template.terminationGracePeriodSeconds")!;
            if (options.DrainDelay + options.StopTimeout >= TimeSpan.FromSeconds(grace))
                yield return $"{app.Place}: the edge is killed while it still answers.";
            foreach (string fault in Written(app, options.CacheDirectory)) yield return fault;
            if (settings.GetValueOrDefault(KeysDigest) is not { Length: > 0 })
                yield return $"{app.Place}: nothing restarts the edges when their trusted keys change.";
            if (Mounts(app).GetValueOrDefault(Path.GetDirectoryName(options.TrustedKeys)!) != "Secret")
                yield return $"{app.Place}: nothing puts the trusted keys to '{options.TrustedKeys}'.";
        }
    }

    // The root file system is read-only, so a program writes into a volume.
    private static IEnumerable<string> Written(BicepResource machine, string folder) =>
        Mounts(machine).GetValueOrDefault(Path.GetDirectoryName(folder)!) == "EmptyDir" ? [] : [$"{machine.Place}: '{folder}' is not in a volume."];

    private static Dictionary<string, string> Mounts(BicepResource machine)
    {
        var volumes = ((List<object?>)machine.Get("properties.template.volumes")!).Cast<Dictionary<string, object?>>()
            .ToDictionary(v => (string)v["name"]!, v => (string)v["storageType"]!);
        var container = (Dictionary<string, object?>)((List<object?>)machine.Get("properties.template.containers")!).Single()!;
        return ((List<object?>)container["volumeMounts"]!).Cast<Dictionary<string, object?>>()
            .ToDictionary(m => (string)m["mountPath"]!, m => volumes.GetValueOrDefault((string)m["volumeName"]!, "nothing"));
    }

    // What the attributes of the functions name: %Setting% and Connection.
    private static IEnumerable<string> TriggerSettings()
    {
        object[] triggers = [.. typeof(FunctionsOptions).Assembly.GetTypes().SelectMany(t => t.GetMethods())
            .SelectMany(m => m.GetParameters()).SelectMany(p => p.GetCustomAttributes())];
        return triggers.OfType<TimerTriggerAttribute>().Select(t => t.Schedule.Trim('%'))
            .Concat(triggers.OfType<ServiceBusTriggerAttribute>().SelectMany(t => ConnectionParts.Select(part => t.Connection + part))).Distinct();
    }

    private static IEnumerable<string> Unknown(string place, IEnumerable<string> names) =>
        from name in names
        // An item of a list has its number behind the list's name.
        let all = name.Split("__")
        let parts = int.TryParse(all[^1], CultureInfo.InvariantCulture, out _) ? all[..^1] : all
        let section = string.Join(':', parts[..^1])
        let options = Sections.FirstOrDefault(s => s.Section == section).Options ?? []
        where !options.Any(o => o.GetProperty(parts[^1]) is { CanWrite: true })
        select $"{place}: no program reads the setting '{name}'.";

    private static IEnumerable<string> Starting<TOptions>(string place, ServiceCollection services)
        where TOptions : class
    {
        using ServiceProvider provider = services.BuildServiceProvider();
        try
        {
            _ = provider.GetRequiredService<IOptions<TOptions>>().Value;
            return [];
        }
        catch (Exception e) when (e is OptionsValidationException or InvalidOperationException)
        {
            return [$"{place}: {e.Message}"];
        }
    }

    private static IConfiguration Configuration(Dictionary<string, string> settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key.Replace("__", ":", StringComparison.Ordinal), (string?)s.Value)))
        .Build();
}
