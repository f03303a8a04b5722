using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Pipeline.Core.Naming;

namespace Pipeline.Functions.Management;

/// <summary>
/// Who asks, and whether that one may: the name and the roles that the platform's sign-in validated, or <c>local</c>, who may do
/// everything, on a local environment.
/// </summary>
public sealed class Caller(IOptions<FunctionsOptions> options)
{
    private const int LengthMaximum = 200;

    /// <summary>Null when the caller may, otherwise the answer that says what is missing.</summary>
    public IActionResult? Refusal(HttpRequest request, Permission permission)
    {
        if (!options.Value.PlatformSignIn) return null;
        bool may = SignedInRoles.Read(request.Headers[SignedInRoles.Header].ToString())
            .Any(role => role == nameof(Permission.Operate) || role == permission.ToString());
        return may
            ? null
            : Answer.Forbidden($"'{NameOf(request)}' lacks the application role '{permission}'; an administrator can assign it.");
    }

    public string NameOf(HttpRequest request)
    {
        // Believed only where the platform strips the header from outside requests and sets it itself.
        if (!options.Value.PlatformSignIn) return Actors.Local;
        string name = request.Headers["X-MS-CLIENT-PRINCIPAL-NAME"].ToString();
        return name.Length is > 0 and <= LengthMaximum ? name : "unknown";
    }
}
