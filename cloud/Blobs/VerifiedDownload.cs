using System.Security.Cryptography;

namespace Pipeline.Cloud.Blobs;

/// <summary>
/// Copies a blob into a file while it hashes. The bytes go to a file beside it first, so that what lies under the path
/// is always whole and verified, also after a crash.
/// </summary>
internal static class VerifiedDownload
{
    private const int BufferSizeBytes = 256 * 1024;

    /// <exception cref="CorruptedBlobException">The bytes have another size or digest.</exception>
    public static async Task ToFileAsync(
        Stream content,
        string blobPath,
        string sha256,
        long sizeBytes,
        string file,
        CancellationToken cancellationToken)
    {
        string part = $"{file}.{Path.GetRandomFileName()}.part";
        try
        {
            await using (FileStream target = File.Create(part, bufferSize: 1, FileOptions.Asynchronous))
            {
                string? fault = await CopyAsync(content, target, sha256, sizeBytes, cancellationToken);
                if (fault is not null) throw new CorruptedBlobException(blobPath, fault);
            }

            File.Move(part, file, overwrite: true);
        }
        finally
        {
            File.Delete(part);
        }
    }

    /// <summary>SHA-256 of everything up to the end, 64 lower-case hexadecimal digits.</summary>
    public static async Task<string> DigestAsync(Stream content, CancellationToken cancellationToken) =>
        Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken));

    private static async Task<string?> CopyAsync(
        Stream content, Stream target, string sha256, long sizeBytes, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[BufferSizeBytes];
        long copied = 0;
        int count;
        while ((count = await content.ReadAsync(buffer, cancellationToken)) > 0)
        {
            copied += count;
            if (copied > sizeBytes) return $"it has more than the {sizeBytes} bytes that were announced.";
            hash.AppendData(buffer, 0, count);
            await target.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }

        if (copied < sizeBytes) return $"it has {copied} of the {sizeBytes} bytes that were announced.";
        string digest = Convert.ToHexStringLower(hash.GetHashAndReset());
        return digest == sha256 ? null : $"its SHA-256 is '{digest}', not '{sha256}'.";
    }
}
