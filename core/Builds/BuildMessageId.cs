using System.Security.Cryptography;

namespace Pipeline.Core.Builds;

/// <summary>The MessageId of a build request: the same for the same attempt, so that the queue drops duplicates. Frozen.</summary>
public static class BuildMessageId
{
    /// <summary>SHA-256 over model, version, lane and attempt; 64 lower-case hexadecimal digits.</summary>
    public static string Of(BuildRequest request)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        DigestText.Add(hash, request.Model);
        DigestText.Add(hash, request.Version);
        DigestText.Add(hash, request.Lane.ToString());
        DigestText.Add(hash, request.Attempt);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
