using Pipeline.Core.Signing;

namespace Pipeline.Cloud.Signing;

/// <summary>Makes signed envelopes.</summary>
public static class Envelopes
{
    /// <summary>Signs a payload under its type.</summary>
    public static async Task<SignedEnvelope> SignAsync(
        ISigner signer, string payloadType, byte[] payload, CancellationToken cancellationToken)
    {
        byte[] signature = await signer.SignAsync(SignedEnvelope.BytesToSign(payloadType, payload), cancellationToken);
        return new SignedEnvelope
        {
            PayloadType = payloadType,
            Payload = Convert.ToBase64String(payload),
            Signatures = [new() { KeyId = signer.KeyId, Signature = Convert.ToBase64String(signature) }],
        };
    }
}
