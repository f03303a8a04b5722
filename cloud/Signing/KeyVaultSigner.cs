using System.Security.Cryptography;
using Azure.Core;
using Azure.Security.KeyVault.Keys;
using Azure.Security.KeyVault.Keys.Cryptography;
using Pipeline.Core.Signing;

namespace Pipeline.Cloud.Signing;

/// <summary>Signs inside Key Vault: the private key never leaves it.</summary>
public sealed class KeyVaultSigner : ISigner
{
    private readonly CryptographyClient client;

    private KeyVaultSigner(CryptographyClient client, string keyId)
    {
        this.client = client;
        KeyId = keyId;
    }

    public string KeyId { get; }

    /// <param name="keyUri">The key with its version: <c>https://vault.vault.azure.net/keys/name/version</c>.</param>
    /// <param name="credential">An identity that may get the key and sign with it.</param>
    /// <exception cref="InvalidDataException">It is not a P-256 key.</exception>
    public static KeyVaultSigner Open(Uri keyUri, TokenCredential credential)
    {
        var id = new KeyVaultKeyIdentifier(keyUri);
        KeyVaultKey key = new KeyClient(id.VaultUri, credential).GetKey(id.Name, id.Version);
        using ECDsa publicKey = key.KeyType == KeyType.Ec || key.KeyType == KeyType.EcHsm
            ? key.Key.ToECDsa(includePrivateParameters: false)
            : throw new InvalidDataException($"The key '{keyUri}' is not an elliptic-curve key; make a P-256 one.");
        if (publicKey.KeySize != 256) throw new InvalidDataException($"The key '{keyUri}' is not a P-256 key.");
        // The version that was read is the one that signs, also when the setting names none and the key is rotated.
        return new KeyVaultSigner(
            new CryptographyClient(key.Id, credential), KeyIds.Of(publicKey.ExportSubjectPublicKeyInfo()));
    }

    public async Task<byte[]> SignAsync(byte[] bytes, CancellationToken cancellationToken)
    {
        SignResult result = await client.SignDataAsync(SignatureAlgorithm.ES256, bytes, cancellationToken);
        return result.Signature;
    }
}
