using System.Runtime.InteropServices;

namespace Pipeline.Core.Routing;

/// <summary>
/// Which users see a candidate: a hash of (model, candidate version, user) into 10,000 buckets; a bucket under the weight
/// takes the candidate. So a user who sees it at one weight sees it at every higher one, and another candidate draws
/// another set of users. The hash is frozen: changing it would move users in the middle of a rollout.
/// </summary>
public readonly struct StickySplit
{
    public const int Buckets = 10_000;

    private const ulong Prime1 = 0x9E3779B97F4A7C15;
    private const ulong Prime2 = 0xD6E8FEB86659FD93;
    private const ulong Prime3 = 0xA0761D6478BD642F;

    private readonly ulong seed;

    /// <summary>Prepares the split of one candidate, so that a decision hashes only the user.</summary>
    public StickySplit(string model, string candidateVersion) =>
        seed = Hash(candidateVersion, Hash(model, Prime3));

    /// <summary>The user's bucket, 0 to 9,999. Allocates nothing.</summary>
    public int BucketOf(ReadOnlySpan<char> user) => (int)Math.BigMul(Hash(user, seed), Buckets, out _);

    /// <summary>Whether the user takes the candidate at this weight, 0 to 10,000.</summary>
    public bool TakesCandidate(ReadOnlySpan<char> user, int weight) => BucketOf(user) < weight;

    /// <summary>Whether a request without a user takes the candidate; <paramref name="requestNumber"/> counts requests.</summary>
    public bool TakesCandidate(ulong requestNumber, int weight) =>
        (int)Math.BigMul(Mix(requestNumber * Prime1, seed), Buckets, out _) < weight;

    private static ulong Hash(ReadOnlySpan<char> text, ulong state)
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(text);
        state ^= (ulong)bytes.Length * Prime2;
        while (bytes.Length >= sizeof(ulong))
        {
            state = Mix(state ^ Prime1, MemoryMarshal.Read<ulong>(bytes) ^ Prime2);
            bytes = bytes[sizeof(ulong)..];
        }

        ulong tail = 0;
        foreach (byte b in bytes) tail = tail << 8 | b;
        return Mix(Mix(state ^ Prime3, tail ^ Prime1), Prime2);
    }

    // A 128-bit product folded to 64 bits: every input bit reaches every output bit.
    private static ulong Mix(ulong a, ulong b)
    {
        ulong high = Math.BigMul(a, b, out ulong low);
        return high ^ low;
    }
}
