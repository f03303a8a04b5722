using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text.Json;

namespace Pipeline.Functions.Management;

/// <summary>
/// The application roles in the header that the platform's sign-in sets: base64 of
/// <c>{"role_typ": "roles", "claims": [{"typ": "roles", "val": "Operate"}]}</c>.
/// </summary>
internal static class SignedInRoles
{
    public const string Header = "X-MS-CLIENT-PRINCIPAL";

    private const int LengthMaximum = 64 * 1024;

    /// <summary>The roles; none when the header is not what the platform writes.</summary>
    public static ImmutableArray<string> Read(string header)
    {
        if (header.Length is 0 or > LengthMaximum || !Base64.IsValid(header)) return [];
        try
        {
            using var document = JsonDocument.Parse(Convert.FromBase64String(header));
            JsonElement root = document.RootElement;
            string type = root.TryGetProperty("role_typ", out JsonElement named) ? named.GetString() ?? "roles" : "roles";
            return
            [
                .. root.GetProperty("claims").EnumerateArray()
                    .Where(c => c.GetProperty("typ").GetString() is { } claim && (claim == type || claim == "roles"))
                    .Select(c => c.GetProperty("val").GetString())
                    .OfType<string>(),
            ];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return [];
        }
    }
}
