using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Pipeline.Core.Naming;

namespace Pipeline.Functions.Management;

/// <summary>
/// Who asks, and whether that may change anything: what the platform's sign-in validated, or <c>local</c>, who may do
/// everything, on a local environment. Whoever gets as far as this may read: the sign-in lets nobody in without a role.
/// </summary>
public sealed class Caller(IOptions<FunctionsOptions> options)
{
    /// <summary>The role of those who may change something.</summary>
    public const string OperateRole = "Operate";

    private const int LengthMaximum = 200;

    public string NameOf(HttpRequest request)
    {
        // Believed only where the platform strips the header from outside requests and sets it itself.
        if (!options.Value.PlatformSignIn) return Actors.Local;
        string name = request.Headers["X-MS-CLIENT-PRINCIPAL-NAME"].ToString();
        return name.Length is > 0 and <= LengthMaximum ? name : "unknown";
    }

    /// <summary>Whether the caller has the role Operate. Claims that cannot be read are no claims.</summary>
    public bool MayOperate(HttpRequest request)
    {
        if (!options.Value.PlatformSignIn) return true;
        try
        {
            byte[] json = Convert.FromBase64String(request.Headers["X-MS-CLIENT-PRINCIPAL"].ToString());
            Principal? principal = JsonSerializer.Deserialize<Principal>(json, JsonSerializerOptions.Web);
            return principal?.Claims?.Any(c => c is { Typ: "roles", Val: OperateRole }) == true;
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return false;
        }
    }

    private sealed record Principal(Claim?[]? Claims);

    private sealed record Claim(string? Typ, string? Val);
}
