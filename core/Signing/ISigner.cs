namespace Pipeline.Core.Signing;

/// <summary>Holds the private key: a development key file locally, Key Vault in Azure.</summary>
public interface ISigner
{
    string KeyId { get; }

    /// <summary>Signs with ECDSA P-256 over SHA-256; 64 bytes, IEEE P1363 form.</summary>
    Task<byte[]> SignAsync(byte[] bytes, CancellationToken cancellationToken);
}
