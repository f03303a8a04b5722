using System.Security.Cryptography;

namespace Pipeline.Cloud.Signing;

/// <summary>How keys are named, so that signer and reader agree without being told.</summary>
public static class KeyIds
{
    /// <summary>The first 16 hexadecimal digits of the SHA-256 of the public key (SubjectPublicKeyInfo).</summary>
    public static string Of(byte[] publicKey) => Convert.ToHexStringLower(SHA256.HashData(publicKey).AsSpan(0, 8));
}
