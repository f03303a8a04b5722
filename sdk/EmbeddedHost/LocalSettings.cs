using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Memory;

namespace Microsoft.Azure.Functions.Worker.EmbeddedHost;

/// <summary>Adds local.settings.json, a file of one developer's machine, and the log levels of host.json.</summary>
internal static class LocalSettings
{
    // Below the environment variables, as the official tools do it: what the environment says wins.
    public static void AddTo(ConfigurationManager configuration, string path, HostSettings settings)
    {
        var values = new Dictionary<string, string?>();
        foreach ((string category, string level) in settings.LogLevels)
            values[$"Logging:LogLevel:{(category is "default" ? "Default" : category)}"] = level;
        foreach ((string name, string value) in Read(path))
            values[name.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal)] = value;

        IList<IConfigurationSource> sources = configuration.Sources;
        int environment = sources.IndexOf(sources.Last(source => source is EnvironmentVariablesConfigurationSource));
        sources.Insert(environment, new MemoryConfigurationSource { InitialData = values });
    }

    private static Dictionary<string, string> Read(string path)
    {
        if (!File.Exists(path)) return [];
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions
            {
                CommentHandling = JsonCommentHandling.Skip,
                AllowTrailingCommas = true,
            });
            if (document.RootElement.TryGetProperty("IsEncrypted", out JsonElement encrypted) && encrypted.GetBoolean())
                throw new FunctionWorkerException("local.settings.json: 'IsEncrypted' must be false.");
            return document.RootElement.TryGetProperty("Values", out JsonElement values)
                ? values.EnumerateObject().ToDictionary(value => value.Name, value => value.Value.GetString() ?? "")
                : [];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new FunctionWorkerException(
                "local.settings.json: 'Values' must be an object whose values are strings, each name once.", e);
        }
    }
}
