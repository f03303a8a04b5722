using System.Security.Cryptography;
using System.Text;
using Pipeline.Core.Signing;

namespace Pipeline.Cloud.Signing;

/// <summary>Signs with a key from a file: for a local environment, never for Azure.</summary>
public sealed class DevelopmentSigner : ISigner, IDisposable
{
    private readonly ECDsa key;
    private readonly Lock gate = new();

    private DevelopmentSigner(ECDsa key)
    {
        this.key = key;
        PublicKey = key.ExportSubjectPublicKeyInfo();
        KeyId = KeyIds.Of(PublicKey);
    }

    public string KeyId { get; }

    /// <summary>SubjectPublicKeyInfo, for the edges' trusted keys.</summary>
    public byte[] PublicKey { get; }

    public string PublicKeyPem => key.ExportSubjectPublicKeyInfoPem();

    /// <summary>Opens the key file, and makes it on first use, readable by its owner alone.</summary>
    /// <exception cref="InvalidDataException">The file holds no P-256 private key.</exception>
    public static DevelopmentSigner Open(string path)
    {
        CreateOnce(Path.GetFullPath(path));
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(path));
            if (key.KeySize == 256 && key.ExportParameters(includePrivateParameters: true).D is not null)
            {
                return new DevelopmentSigner(key);
            }
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new InvalidDataException(FaultOf(path), e);
        }

        key.Dispose();
        throw new InvalidDataException(FaultOf(path));
    }

    public Task<byte[]> SignAsync(byte[] bytes, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return Task.FromResult(key.SignData(
                bytes, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
        }
    }

    public void Dispose() => key.Dispose();

    // Programs that start at once must all get the one key; moving a file without overwriting is no lock on Linux.
    private static void CreateOnce(string path)
    {
        string name = "pipeline-key-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)));
        using var mutex = new Mutex(initiallyOwned: false, name);
        try
        {
            mutex.WaitOne();
        }
        catch (AbandonedMutexException)
        {
            // Its owner died in between; what it left is a whole file or none.
        }

        try
        {
            if (!File.Exists(path)) Create(path);
        }
        finally
        {
            mutex.ReleaseMutex();
        }
    }

    // Written beside and moved, so that a crash leaves no half key.
    private static void Create(string path)
    {
        string part = $"{path}.{Path.GetRandomFileName()}";
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(part, options)) writer.WriteLine(key.ExportPkcs8PrivateKeyPem());
        File.Move(part, path);
    }

    private static string FaultOf(string path) =>
        $"The signing key file '{path}' holds no P-256 private key in PEM form; delete it to have a new one made.";
}
