using Pipeline.Cloud.Signing;

namespace Pipeline.Local.Environments;

/// <summary>The development key pair of an environment: made on first use, kept in its data folder.</summary>
internal sealed record DevelopmentKeyFiles
{
    /// <summary>The private key, for the functions alone.</summary>
    public required string SigningKey { get; init; }

    /// <summary>The public key, for the edges.</summary>
    public required string TrustedKeys { get; init; }

    public static DevelopmentKeyFiles Ensure(string dataDirectory)
    {
        string folder = Path.Combine(dataDirectory, "keys");
        Directory.CreateDirectory(folder);
        var files = new DevelopmentKeyFiles
        {
            SigningKey = Path.Combine(folder, "signing.pem"),
            TrustedKeys = Path.Combine(folder, "trusted.pem"),
        };
        using var signer = DevelopmentSigner.Open(files.SigningKey);
        // Kept when it is there: somebody may have added a key to rotate to.
        if (!File.Exists(files.TrustedKeys)) File.WriteAllText(files.TrustedKeys, signer.PublicKeyPem + "\n");
        return files;
    }
}
