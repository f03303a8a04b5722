using System.Text.Json.Serialization;

namespace Pipeline.Core.Signing;

/// <summary>One signature of a DSSE envelope: ECDSA P-256 over SHA-256, IEEE P1363 form, base64.</summary>
public sealed record EnvelopeSignature
{
    [JsonPropertyName("keyid")]
    public required string KeyId { get; init; }

    [JsonPropertyName("sig")]
    public required string Signature { get; init; }
}
