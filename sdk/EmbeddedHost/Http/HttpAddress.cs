using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Azure.Functions.Worker.EmbeddedHost.Http;

/// <summary>Where the app listens, and how large a request it reads.</summary>
internal static class HttpAddress
{
    private const int DefaultPort = 7071;
    private const int DefaultBodySizeLimitBytes = 104_857_600;

    public static void Configure(WebApplicationBuilder web, IEnumerable<FunctionDescriptor> functions)
    {
        IConfiguration configuration = web.Configuration;
        string urls = configuration[WebHostDefaults.ServerUrlsKey] is { Length: > 0 } given
            ? given
            : $"http://127.0.0.1:{Number(configuration, "FUNCTIONS_HTTP_PORT", 65_535, DefaultPort)}";
        bool open = string.IsNullOrEmpty(configuration[HttpFunctions.KeySetting])
            && functions.Any(f => f.Trigger is HttpTriggerBinding { Level: not AuthorizationLevel.Anonymous });
        foreach (string url in urls.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            if (open && BindingAddress.Parse(url).Host is not ("127.0.0.1" or "localhost" or "[::1]"))
            {
                throw new FunctionWorkerException(
                    $"'{url}' is open to other machines: set {HttpFunctions.KeySetting}, or listen on 127.0.0.1.");
            }
        }

        web.WebHost.UseUrls(urls);
        int limit = Number(configuration, "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", int.MaxValue, DefaultBodySizeLimitBytes);
        web.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = limit;
            kestrel.AddServerHeader = false;
        });
    }

    private static int Number(IConfiguration configuration, string name, int max, int otherwise) =>
        configuration[name] is not { Length: > 0 } text ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value <= max ? value
        : throw new FunctionWorkerException($"Setting '{name}' is '{text}'; it must be a number from 0 to {max}.");
}
