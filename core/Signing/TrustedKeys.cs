using System.Collections.Frozen;
using System.Security.Cryptography;

namespace Pipeline.Core.Signing;

/// <summary>The public keys that a reader believes, by key id. Rotation: add the new one, re-sign, remove the old one.</summary>
public sealed class TrustedKeys
{
    private readonly FrozenDictionary<string, byte[]> keys;

    /// <param name="publicKeys">SubjectPublicKeyInfo bytes of P-256 keys by key id.</param>
    /// <exception cref="CryptographicException">A key is not a P-256 public key.</exception>
    public TrustedKeys(IReadOnlyDictionary<string, byte[]> publicKeys)
    {
        foreach (byte[] key in publicKeys.Values)
        {
            using var check = ECDsa.Create();
            check.ImportSubjectPublicKeyInfo(key, out _);
            if (check.KeySize != 256) throw new CryptographicException("A trusted key is not a P-256 key.");
        }

        keys = publicKeys.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>
    /// The payload when the envelope has the expected type and one trusted signature that fits; else null with the fault as
    /// a sentence.
    /// </summary>
    public byte[]? Open(SignedEnvelope envelope, string expectedType, out string? fault)
    {
        if (envelope.PayloadType != expectedType)
        {
            fault = $"The envelope holds '{envelope.PayloadType}', not '{expectedType}'.";
            return null;
        }

        byte[] payload;
        try
        {
            payload = Convert.FromBase64String(envelope.Payload);
        }
        catch (FormatException)
        {
            fault = "The envelope's payload is not base64.";
            return null;
        }

        byte[] signed = SignedEnvelope.BytesToSign(expectedType, payload);
        // Bounded: an attacker must not make a reader check signatures without end.
        foreach (EnvelopeSignature? signature in envelope.Signatures.Take(8))
        {
            if (signature is not null && Fits(signature, signed))
            {
                fault = null;
                return payload;
            }
        }

        fault = "No signature of a trusted key fits the envelope.";
        return null;
    }

    private bool Fits(EnvelopeSignature signature, byte[] signed)
    {
        if (!keys.TryGetValue(signature.KeyId, out byte[]? key)) return false;
        Span<byte> bytes = stackalloc byte[64];
        if (!Convert.TryFromBase64String(signature.Signature, bytes, out int length) || length != 64) return false;
        using var ecdsa = ECDsa.Create();
        ecdsa.ImportSubjectPublicKeyInfo(key, out _);
        return ecdsa.VerifyData(signed, bytes, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }
}
