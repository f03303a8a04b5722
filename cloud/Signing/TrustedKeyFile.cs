using System.Security.Cryptography;
using Pipeline.Core.Json;
using Pipeline.Core.Signing;

namespace Pipeline.Cloud.Signing;

/// <summary>
/// Reads the public keys that an edge trusts: a PEM file with one or more of them, a folder of such files, or a JSON
/// object from key id to SubjectPublicKeyInfo in base64.
/// </summary>
public static class TrustedKeyFile
{
    private const int SizeBytesMaximum = 256 * 1024;

    /// <exception cref="InvalidDataException">A file holds something else, or there is no key at all.</exception>
    public static TrustedKeys Load(string path)
    {
        var keys = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        IEnumerable<string> files = Directory.Exists(path)
            ? Directory.EnumerateFiles(path, "*.pem").Order(StringComparer.Ordinal)
            : [path];
        try
        {
            foreach (string file in files) Read(file, keys);
            if (keys.Count > 0) return new TrustedKeys(keys);
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            throw new InvalidDataException($"The trusted keys '{path}' cannot be read: {e.Message}", e);
        }

        throw new InvalidDataException($"There is no public key in '{path}'; put the signer's public key there.");
    }

    private static void Read(string file, Dictionary<string, byte[]> keys)
    {
        if (new FileInfo(file).Length > SizeBytesMaximum)
        {
            throw new InvalidDataException($"The trusted keys '{file}' are larger than {SizeBytesMaximum} bytes.");
        }

        byte[] bytes = File.ReadAllBytes(file);
        if (bytes.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'{', ..]) ReadJson(file, bytes, keys);
        else ReadPem(File.ReadAllText(file), keys);
    }

    private static void ReadJson(string file, byte[] bytes, Dictionary<string, byte[]> keys)
    {
        Dictionary<string, string> map = PipelineJson.TryRead<Dictionary<string, string>>(bytes, out string? fault)
            ?? throw new InvalidDataException($"The trusted keys '{file}' cannot be read: {fault}");
        foreach ((string id, string key) in map) keys[id] = Convert.FromBase64String(key);
    }

    private static void ReadPem(ReadOnlySpan<char> text, Dictionary<string, byte[]> keys)
    {
        while (PemEncoding.TryFind(text, out PemFields fields))
        {
            // Anything else, a private key above all, has no place here and is not taken.
            if (text[fields.Label] is not "PUBLIC KEY")
            {
                throw new InvalidDataException(
                    $"A '{text[fields.Label]}' lies among the trusted keys; keep public keys only.");
            }

            byte[] key = Convert.FromBase64String(text[fields.Base64Data].ToString());
            keys[KeyIds.Of(key)] = key;
            text = text[fields.Location.End..];
        }
    }
}
