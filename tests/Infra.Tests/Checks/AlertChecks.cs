using System.Text.RegularExpressions;
using Pipeline.Core.Events;
using Pipeline.Core.Promotions;
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

    private static Dictionary<string, object?> First(object? list) => (Dictionary<string, object?>)((List<object?>)list!)[0]!;

    [GeneratedRegex("""LoggerMessage\(\s*LogLevel\.\w+,\s*"([^"]+)["]""")]
    private static partial Regex LogTemplate();

    [GeneratedRegex("\"([^\"]+)\"")]
    private static partial Regex Quoted();
}
