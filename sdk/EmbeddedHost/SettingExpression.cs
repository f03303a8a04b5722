using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Azure.Functions.Worker.EmbeddedHost;

/// <summary>Replaces %Name% in an attribute's text by the setting of that name.</summary>
internal static partial class SettingExpression
{
    /// <exception cref="FunctionWorkerException">A setting that the text names is not set.</exception>
    public static string Resolve(string text, IConfiguration configuration) => Expression().Replace(text, match =>
    {
        string name = match.Groups[1].Value;
        return configuration[name.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal)]
            ?? throw new FunctionWorkerException($"'{text}' asks for setting '{name}', which is not set: set it.");
    });

    [GeneratedRegex("%([^%]+)%")]
    private static partial Regex Expression();
}
