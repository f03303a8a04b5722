using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Pipeline.Core.Naming;

namespace Pipeline.Functions.Management;

/// <summary>Who asks: the name that the platform's sign-in validated, or <c>local</c> on a local environment.</summary>
public sealed class Caller(IOptions<FunctionsOptions> options)
{
    private const int LengthMaximum = 200;

    public string NameOf(HttpRequest request)
    {
        // Believed only where the platform strips the header from outside requests and sets it itself.
        if (!options.Value.PlatformSignIn) return Actors.Local;
        string name = request.Headers["X-MS-CLIENT-PRINCIPAL-NAME"].ToString();
        return name.Length is > 0 and <= LengthMaximum ? name : "unknown";
    }
}
