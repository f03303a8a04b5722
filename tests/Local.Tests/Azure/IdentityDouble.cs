using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Pipeline.Local.Tests.Azure;

/// <summary>
/// A double for the identity endpoint that Azure gives its hosts: tokens in the form of Entra's, signed by nobody. With it a
/// whole command signs in as it does in Azure.
/// </summary>
internal sealed class IdentityDouble : IAsyncDisposable
{
    private const string Secret = "only-for-this-host";

    private readonly WebApplication application;

    private IdentityDouble(WebApplication application) => this.application = application;

    /// <summary>What tokens were asked for.</summary>
    public ConcurrentQueue<string> Resources { get; } = new();

    /// <summary>What each token starts with.</summary>
    public static string TokenPrefix { get; } = Part(new { alg = "none", typ = "JWT" });

    /// <summary>The process environment of a host with this identity and no other way to sign in.</summary>
    public Dictionary<string, string?> Variables => new(Nobody)
    {
        ["IDENTITY_ENDPOINT"] = application.Urls.Single() + "/token",
        ["IDENTITY_HEADER"] = Secret,
    };

    /// <summary>The process environment of a machine where nobody is signed in, whoever runs the test.</summary>
    public static Dictionary<string, string?> Nobody => new()
    {
        ["PATH"] = "/nonexistent",
        ["AZURE_CLIENT_ID"] = null,
        ["AZURE_TENANT_ID"] = null,
        ["AZURE_CLIENT_SECRET"] = null,
        ["AZURE_FEDERATED_TOKEN_FILE"] = null,
        ["AZURE_TOKEN_CREDENTIALS"] = null,
        ["IDENTITY_ENDPOINT"] = null,
        ["IDENTITY_HEADER"] = null,
        // Where there is no such address, nothing is waited for.
        ["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = "http://127.0.0.1:1",
    };

    public static async Task<IdentityDouble> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication application = builder.Build();
        var identity = new IdentityDouble(application);
        application.MapGet("/token", identity.Answer);
        await application.StartAsync(TestContext.Current.CancellationToken);
        return identity;
    }

    /// <summary>A token, and when it ends in seconds since 1970.</summary>
    public static (string Token, long Expires) TokenFor(string resource)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        long expires = now.AddHours(1).ToUnixTimeSeconds();
        string payload = Part(new
        {
            aud = resource,
            iss = "https://sts.windows.net/00000000-0000-0000-0000-000000000001/",
            iat = now.ToUnixTimeSeconds(),
            nbf = now.AddMinutes(-1).ToUnixTimeSeconds(),
            exp = expires,
        });
        return ($"{TokenPrefix}.{payload}.bm9ib2R5", expires);
    }

    public ValueTask DisposeAsync() => application.DisposeAsync();

    private IResult Answer(HttpRequest request)
    {
        if (request.Headers["X-IDENTITY-HEADER"] != Secret) return Results.Unauthorized();
        string resource = request.Query["resource"].ToString();
        Resources.Enqueue(resource);
        (string token, long expires) = TokenFor(resource);
        return Results.Json(new Dictionary<string, string>
        {
            ["access_token"] = token,
            ["expires_on"] = expires.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["resource"] = resource,
            ["token_type"] = "Bearer",
        });
    }

    private static string Part(object value) => Convert.ToBase64String(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(value)))
        .TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
