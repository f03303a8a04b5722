using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Core.Events;
using Pipeline.Core.Promotions;
using Pipeline.Functions;
using Pipeline.Infra.Tests.Bicep;
using Pipeline.Testing;

namespace Pipeline.Infra.Tests.Checks;

/// <summary>Whether the sentences that alerts look for are sentences that the programs log, and metrics are of queues that exist.</summary>
internal static partial class AlertChecks
{
    private static readonly Lazy<string[]> Logged = new(() =>
    [
        .. from folder in new[] { "functions", "edge" }
           from file in Directory.EnumerateFiles(Repository.PathOf(folder), "*.cs", SearchOption.AllDirectories)
           from Match match in LogTemplate().Matches(File.ReadAllText(file))
           select match.Groups[1].Value
               .Replace("{State}", nameof(PromotionState.Failed), StringComparison.Ordinal)
               .Replace("{EventType}", EventTypes.RolloutWithdrawn, StringComparison.Ordinal),
    ]);

    public static IEnumerable<string> Faults(Deployment deployment)
    {
        foreach (BicepResource alert in deployment.Of("Microsoft.Insights/scheduledQueryRules"))
        {
            string query = (string)First(alert.Get("properties.criteria.allOf"))["query"]!;
            foreach (string choice in query.Split(" or "))
            {
                string[] sentences = [.. Quoted().Matches(choice).Select(m => m.Groups[1].Value)];
                if (!Logged.Value.Any(line => sentences.All(s => line.Contains(s, StringComparison.Ordinal))))
                    yield return $"{alert.Place}: '{alert.Name}' looks for '{string.Join("', '", sentences)}', which no program logs.";
            }
        }

        string[] entities = [.. deployment.Of("Microsoft.ServiceBus/namespaces/queues").Concat(deployment.Of("Microsoft.ServiceBus/namespaces/topics"))
            .Select(e => e.Name)];
        foreach (BicepResource alert in deployment.Of("Microsoft.Insights/metricAlerts"))
        {
            var names = (List<object?>)First(First(alert.Get("properties.criteria.allOf"))["dimensions"])["values"]!;
            foreach (string name in names.Cast<string>().Where(n => !entities.Contains(n)))
                yield return $"{alert.Place}: '{alert.Name}' looks at '{name}', which does not exist.";
        }
    }

    /// <summary>What host.json keeps from the alerts: they look for lines of level Information, which the functions write.</summary>
    /// <param name="host">The content of host.json.</param>
    public static IEnumerable<string> Unheard(string host)
    {
        JsonElement logging = JsonSerializer.Deserialize<JsonElement>(host).GetProperty("logging");
        Dictionary<string, string> levels = logging.GetProperty("logLevel").Deserialize<Dictionary<string, string>>()!;
        // What a function's own code writes has the category Function.NAME.User there; the longest beginning of it that is named decides.
        foreach (string function in Functions)
        {
            string user = $"Function.{function}.User";
            string decides = levels.Keys.Where(k => k == "default" || user == k || user.StartsWith(k + ".", StringComparison.Ordinal))
                .MaxBy(k => k == "default" ? 0 : k.Length)!;
            if (levels[decides] != "Information") yield return $"host.json: alerts do not see what '{function}' logs, by '{decides}'.";
        }

        if (!logging.TryGetProperty("applicationInsights", out JsonElement insights)
            || !insights.GetProperty("samplingSettings").GetProperty("excludedTypes").GetString()!.Split(';').Contains("Trace"))
        {
            yield return "host.json: sampling leaves out lines that alerts look for.";
        }
    }

    private static IEnumerable<string> Functions => typeof(FunctionsOptions).Assembly.GetTypes().SelectMany(t => t.GetMethods())
        .Select(m => m.GetCustomAttribute<FunctionAttribute>()?.Name).OfType<string>();

    private static Dictionary<string, object?> First(object? list) => (Dictionary<string, object?>)((List<object?>)list!)[0]!;

    [GeneratedRegex("""LoggerMessage\(\s*LogLevel\.\w+,\s*"([^"]+)["]""")]
    private static partial Regex LogTemplate();

    [GeneratedRegex("\"([^\"]+)\"")]
    private static partial Regex Quoted();
}
